import { LightningElement } from 'lwc';
import { get, post, remove } from 'forcedex/api';
import { moment } from 'forcedex/format';
import { explained } from 'forcedex/hits';
import { label, say } from 'forcedex/i18n';
import { address } from 'forcedex/router';

const CHANGES = /synonym|promote/i;

/** Words that stand for each other, records on top for a search, and who changed which. */
export default class OperatorWords extends LightningElement {
    label = label;
    groups = [];
    promoted = {};
    audit = [];
    problem = null;
    ready = false;

    connectedCallback() {
        this.load();
    }

    async load() {
        try {
            const [words, records, log] = await Promise.all([get('/admin/synonyms'), get('/admin/promoted'), get('/admin/audit')]);
            this.groups = words.synonyms;
            this.promoted = records.promoted;
            this.audit = log.audit;
            this.ready = true;
        } catch (error) {
            this.problem = explained(error);
        }
    }

    async doing(work) {
        try {
            await work();
            this.problem = null;
            await this.load();
            return true;
        } catch (error) {
            this.problem = explained(error);
            return false;
        }
    }

    get synonyms() {
        return this.groups.map((words) => ({ key: words[0], text: words.join(' = '), said: say('removeNamed', { name: words[0] }) }));
    }

    get tops() {
        return Object.entries(this.promoted).map(([query, records]) => ({ query, records: records.join(', '), href: address('/search', { q: query }), said: say('removeNamed', { name: query }) }));
    }

    get changes() {
        return this.audit.filter((each) => CHANGES.test(each.action)).map((each, key) => ({ ...each, key, time: moment(each.at) }));
    }

    get noWords() {
        return this.ready && !this.groups.length;
    }

    get noTops() {
        return this.ready && !this.tops.length;
    }

    get noChanges() {
        return this.ready && !this.changes.length;
    }

    async addWords(event) {
        event.preventDefault();
        const words = this.refs.words.value.split(/[,=;，；]/).map((each) => each.trim()).filter(Boolean);
        if (await this.doing(() => post('/admin/synonyms', { words }))) this.refs.words.value = '';
    }

    removeWords(event) {
        const { word } = event.currentTarget.dataset;
        this.doing(() => remove(address('/admin/synonyms', { word })));
    }

    async addTop(event) {
        event.preventDefault();
        const records = this.refs.records.value.match(/[a-zA-Z0-9]{18}|[a-zA-Z0-9]{15}/g) ?? [];
        const query = this.refs.query.value.trim();
        if (await this.doing(() => post('/admin/promoted', { query, records }))) {
            this.refs.query.value = '';
            this.refs.records.value = '';
        }
    }

    removeTop(event) {
        const { query } = event.currentTarget.dataset;
        this.doing(() => remove(address('/admin/promoted', { query })));
    }
}
