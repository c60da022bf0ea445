import { LightningElement } from 'lwc';
import { get } from 'forcedex/api';
import { ago, moment, number, span } from 'forcedex/format';
import { explained } from 'forcedex/hits';
import { called, label, say } from 'forcedex/i18n';
import { Live } from 'forcedex/live';

const LATE = 900; // seconds

const of = (used, limit) => (limit === null ? number(used) : say('ofLimit', { used: number(used), limit: number(limit) }));

/** How far the sync is: the whole org, and each object. */
export default class OperatorSync extends LightningElement {
    label = label;
    status = null;
    problem = null;
    live = new Live(() => this.load());

    connectedCallback() {
        this.load();
        this.live.start();
    }

    disconnectedCallback() {
        this.live.stop();
    }

    async load() {
        try {
            this.status = await get('/admin/status');
            this.problem = null;
        } catch (error) {
            this.problem = explained(error);
        }
    }

    get waiting() {
        return !this.status && !this.problem;
    }

    get figures() {
        const { status } = this;
        const lags = status.objects.map((each) => each.lag_seconds).filter((each) => each !== null);
        const records = status.objects.reduce((sum, each) => sum + each.records, 0);
        const shares = Object.values(status.shares_listed_at).sort()[0];
        return [
            [label.running, status.running || label.nobodySyncs, true],
            [label.indexed, number(records)],
            [label.largestLag, lags.length ? span(Math.max(...lags)) : '–'],
            [label.calls, of(status.calls, status.calls_of_ours)],
            [label.orgCalls, status.usage ? of(status.usage.used, status.usage.allowed) : '–'],
            [label.deadLetters, number(status.dead_letters)],
            [label.schedules, number(status.schedules)],
            [label.peopleRead, status.people_read_at ? ago(status.people_read_at) : '–'],
            [label.sharesListed, shares ? ago(shares) : '–'],
            ['Elasticsearch', status.elasticsearch],
        ].map(([name, text, words]) => ({ name, text, style: words ? 'words' : '' }));
    }

    get notices() {
        return this.status.notices
            .filter((each) => !each.cleared_at)
            .map((each) => ({ key: `${each.object}-${each.kind}`, text: [each.object, each.text].filter(Boolean).join(': '), since: ago(each.since) }));
    }

    get objects() {
        return [...this.status.objects].sort((one, other) => other.records - one.records).map((each) => {
            const problem = each.report?.problem || each.report?.stream_problem || '';
            const reading = each.records_in_org && each.phase === 'snapshot';
            const state = problem ? 'bad' : each.lag_seconds === null || each.lag_seconds > LATE ? 'late' : 'good';
            const sweep = each.last_sweep;
            return {
                name: each.object,
                style: `state ${state}`,
                records: number(each.records),
                phase: called('phase', each.phase, each.phase),
                progress: reading ? each.records : null,
                most: each.records_in_org,
                mode: each.report ? called('mode', each.report.mode, each.report.mode) : '–',
                every: each.report?.poll_seconds ? span(each.report.poll_seconds) : '–',
                lag: each.lag_seconds === null ? '–' : span(each.lag_seconds),
                letters: number(each.dead_letters),
                swept: sweep ? say('swept', { time: ago(sweep.ended_at), missing: sweep.missing, different: sweep.different, extra: sweep.extra }) : '–',
                sweptAt: sweep ? moment(sweep.ended_at) : '',
                clean: each.last_clean ? ago(each.last_clean) : '–',
                problem,
            };
        });
    }
}
