import { LightningElement, api } from 'lwc';
import { get, post } from 'forcedex/api';
import { explained } from 'forcedex/hits';
import { called, label, say } from 'forcedex/i18n';
import { Live } from 'forcedex/live';
import { PERIODS, TILES, USUAL_PERIOD, question, reportAddress, sent, unfit } from 'forcedex/reports';
import { address, go } from 'forcedex/router';

const AT_ONCE = 3; // reports that are asked for side by side

/** The reports that one looks at every day, under one period and two filters. Only what is in sight is asked for. */
export default class DashboardPage extends LightningElement {
    label = label;
    filters = { period: USUAL_PERIOD, owner: '', region: '' };
    titles = {};
    answers = {};
    owners = [];
    regions = [];
    seen = new Set();
    waiting = [];
    running = 0;
    generation = new AbortController();
    live = new Live(() => this.look());

    @api
    get place() {
        return this.current;
    }
    set place(found) {
        this.current = found;
        const { query } = found;
        this.filters = { period: query.get('period') || USUAL_PERIOD, owner: query.get('owner') ?? '', region: query.get('region') ?? '' };
        this.generation.abort();
        this.generation = new AbortController();
        this.waiting = [];
        this.running = 0;
        // What is known stays until the new numbers are there, but its tag no longer fits.
        this.answers = Object.fromEntries(Object.entries(this.answers).map(([name, each]) => [name, { ...each, tag: '', stale: true }]));
        this.load([...this.seen]);
    }

    connectedCallback() {
        this.sight = new IntersectionObserver((entries) => this.sighted(entries), { rootMargin: '120px' });
        this.live.start();
        this.options();
    }

    renderedCallback() {
        for (const each of this.template.querySelectorAll('[data-tile]')) this.sight.observe(each);
    }

    disconnectedCallback() {
        this.live.stop();
        this.sight.disconnect();
        this.generation.abort();
    }

    sighted(entries) {
        const fresh = [];
        for (const { target, isIntersecting } of entries) {
            const { tile } = target.dataset;
            if (isIntersecting && !this.seen.has(tile)) fresh.push(tile);
            this.seen[isIntersecting ? 'add' : 'delete'](tile);
        }
        this.load(fresh.filter((name) => !this.answers[name] || this.answers[name].stale));
    }

    load(names) {
        const wanted = TILES.map((each) => each.report).filter((name) => names.includes(name) && !this.waiting.includes(name));
        this.waiting = [...this.waiting, ...wanted];
        while (this.running < AT_ONCE && this.waiting.length) this.next();
    }

    async next() {
        const name = this.waiting.shift();
        const tile = TILES.find((each) => each.report === name);
        const { signal } = this.generation;
        this.running += 1;
        try {
            const body = { ...sent(question(tile, this.filters)), chart: true, tag: this.answers[name]?.tag ?? '' };
            const found = await post(`/reports/${name}`, body, { signal });
            if (!signal.aborted) {
                const known = this.answers[name];
                this.answers = { ...this.answers, [name]: found.unchanged ? { ...known, stale: false } : { report: found, tag: found.tag, problem: null } };
            }
        } catch (error) {
            if (signal.aborted) return;
            if (error.status === 401) this.dispatchEvent(new CustomEvent('expired', { bubbles: true, composed: true }));
            // Numbers that are known stay when a moment's trouble keeps newer ones away.
            if (!this.answers[name]?.report || this.answers[name].stale || (error.status >= 400 && error.status < 429))
                this.answers = { ...this.answers, [name]: { report: null, tag: '', problem: explained(error) } };
        }
        if (signal.aborted) return;
        this.running -= 1;
        if (this.waiting.length) this.next();
    }

    look() {
        if (!this.waiting.length && this.running === 0) this.load([...this.seen]);
    }

    async options() {
        const rows = async (by) => {
            try {
                const found = await post('/reports/open-pipeline', { by: [by], period: 'all' });
                return found.rows.filter((each) => each.key[0]).map((each) => ({ value: each.key[0], label: each.label })).sort((one, other) => one.label.localeCompare(other.label));
            } catch {
                return []; // the org has no such field, or one may not use it
            }
        };
        get('/reports').then(({ reports }) => {
            this.titles = Object.fromEntries(reports.map((each) => [each.name, each.title]));
        }).catch(() => {});
        [this.owners, this.regions] = await Promise.all([rows('owner'), rows('Region__c')]);
    }

    get tiles() {
        const known = Object.keys(this.titles);
        return TILES.filter((each) => !known.length || known.includes(each.report)).map((each) => {
            const answer = this.answers[each.report] ?? {};
            const left = unfit(each, this.filters);
            return {
                ...each,
                title: this.titles[each.report] ?? '',
                shown: answer.report ?? null,
                problem: answer.problem ?? null,
                note: [each.period && this.filters.period !== each.period ? label.anyPeriod : '', left.length ? say('filterUnfit', { name: left.map((name) => called('filter', name, name)).join(', ') }) : ''].filter(Boolean).join(' · '),
                style: `tile wide-${each.wide} ${answer.stale ? 'stale' : ''}`,
            };
        });
    }

    get periods() {
        const known = PERIODS.includes(this.filters.period) ? PERIODS : [...PERIODS, this.filters.period];
        return known.map((name) => ({ name, label: called('period', name, name), chosen: name === this.filters.period }));
    }

    chosen(options, value) {
        const known = !value || options.some((each) => each.value === value) ? options : [...options, { value, label: value }];
        return known.map((each) => ({ ...each, chosen: each.value === value }));
    }

    get ownerOptions() {
        return this.chosen(this.owners, this.filters.owner);
    }

    get regionOptions() {
        return this.chosen(this.regions, this.filters.region);
    }

    get hasRegions() {
        return this.regionOptions.length > 0;
    }

    get filtered() {
        return this.filters.owner !== '' || this.filters.region !== '';
    }

    choose(event) {
        const { name } = event.target.dataset;
        const filters = { ...this.filters, [name]: event.target.value };
        go(address('/dashboard', { ...filters, period: filters.period === USUAL_PERIOD ? '' : filters.period }));
    }

    clear() {
        go(address('/dashboard', { period: this.filters.period === USUAL_PERIOD ? '' : this.filters.period }));
    }

    asked(name) {
        return question(TILES.find((each) => each.report === name), this.filters);
    }

    open(event) {
        const { name } = event.detail;
        go(reportAddress(name, this.asked(name)));
    }

    drill(event) {
        const { name, keys } = event.detail;
        go(reportAddress(name, this.asked(name), keys));
    }
}
