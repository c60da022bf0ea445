import { LightningElement } from 'lwc';
import { get, post } from 'forcedex/api';
import { ago, number } from 'forcedex/format';
import { explained } from 'forcedex/hits';
import { label, say } from 'forcedex/i18n';
import { Live } from 'forcedex/live';

const SOON = 1_000; // milliseconds between questions for the answer

/** Records that could not be indexed: why, and once more. */
export default class OperatorLetters extends LightningElement {
    label = label;
    found = null;
    problem = null;
    told = '';
    asked = null;
    live = new Live(() => this.load());

    connectedCallback() {
        this.load();
        this.live.start();
    }

    disconnectedCallback() {
        this.live.stop();
        clearTimeout(this.timer);
    }

    async load() {
        try {
            this.found = await get('/admin/dead-letters');
            this.problem = null;
        } catch (error) {
            this.problem = explained(error);
        }
    }

    get letters() {
        return (this.found?.dead_letters ?? []).map((each) => ({ ...each, ago: ago(each.since), said: say('replayNamed', { name: each.id }) }));
    }

    get any() {
        return this.letters.length > 0;
    }

    get none() {
        return this.found && !this.any;
    }

    get busy() {
        return this.asked !== null;
    }

    get heading() {
        return say('letters', { n: this.found?.total ?? 0, nText: number(this.found?.total ?? 0) });
    }

    replayAll() {
        this.replay([]);
    }

    replayOne(event) {
        this.replay([event.currentTarget.dataset.id]);
    }

    async replay(records) {
        this.told = label.replaying;
        try {
            this.asked = (await post('/admin/dead-letters/replay', { records })).request;
            this.wait();
        } catch (error) {
            this.told = explained(error).heading;
            this.asked = null;
        }
    }

    async wait() {
        try {
            const { done } = await get(`/admin/requests/${this.asked}`);
            if (!done) {
                this.timer = setTimeout(() => this.wait(), SOON);
                return;
            }
            this.told = label.replayed;
        } catch (error) {
            this.told = explained(error).heading;
        }
        this.asked = null;
        this.load();
    }
}
