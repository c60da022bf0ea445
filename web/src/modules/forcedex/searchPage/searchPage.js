import { LightningElement, api } from 'lwc';
import { post } from 'forcedex/api';
import { number, span } from 'forcedex/format';
import { explained, ready } from 'forcedex/hits';
import { called, label, say } from 'forcedex/i18n';
import { Live } from 'forcedex/live';
import { Newest } from 'c/forcedexNewest';
import { kindsOf } from 'forcedex/org';
import { address, go } from 'forcedex/router';

const SORTS = ['relevance', 'modified', 'created', 'name', 'amount', 'close_date'];
const PAGE = 20;
const MOST = 100; // hits that are asked for again at once
const OBJECT = 'object';
const FRESH = 6_000; // milliseconds that a change is pointed out

/** The hits for what the address says, with everything that narrows them. */
export default class SearchPage extends LightningElement {
    label = label;
    asked = {};
    answer = null;
    hits = [];
    problem = null;
    busy = false;
    more = false;
    narrowing = false;
    fresh = new Set();
    // The tabs and the filters of the whole search, kept while one of them is open or off.
    whole = { text: null, buckets: [] };
    offered = { text: null, filters: [] };
    asking = new Newest();
    live = new Live(() => this.look());

    @api
    get place() {
        return this.current;
    }
    set place(found) {
        this.current = found;
        this.read(found.query);
        this.search();
    }

    disconnectedCallback() {
        this.live.stop();
        this.asking.stop();
    }

    /** Go to the first hit. */
    @api focusHits() {
        this.refs.hits?.focus();
    }

    read(query) {
        const facets = {};
        for (const [name, value] of query) if (name.startsWith('f.')) (facets[name.slice(2)] ??= []).push(value);
        this.asked = {
            text: query.get('q') ?? '',
            tab: query.get('tab') ?? '',
            facets,
            off: query.getAll('off'),
            sort: SORTS.includes(query.get('sort')) ? query.get('sort') : 'relevance',
            verbatim: query.get('verbatim') === '1',
        };
    }

    /** The address of the same search with something else. */
    to(changes) {
        const { text, tab, facets, off, sort, verbatim } = { ...this.asked, ...changes };
        const chosen = Object.fromEntries(Object.entries(facets).map(([name, values]) => [`f.${name}`, values]));
        return address('/search', { q: text, tab, ...chosen, off, sort: sort === 'relevance' ? '' : sort, verbatim: verbatim ? '1' : '' });
    }

    question(more = {}) {
        const { text, tab, facets, off, sort, verbatim } = this.asked;
        return { text, objects: tab ? [tab] : [], facets, off, sort, verbatim, size: PAGE, ...more };
    }

    async search() {
        this.live.stop();
        this.busy = true;
        this.more = false;
        try {
            const found = await this.asking.run((signal) => post('/search', this.question(), { signal }));
            if (!found) return;
            this.fresh = new Set();
            this.take(found);
            this.hits = found.hits;
            this.cursor = found.cursor;
            this.known = { size: PAGE, tag: found.tag };
            this.problem = null;
            this.live.restart();
        } catch (error) {
            this.fail(error);
        }
        this.busy = false;
    }

    take(found) {
        this.answer = found;
        const { text, tab, facets, off } = this.asked;
        const objects = found.facets.find((each) => each.name === OBJECT)?.buckets ?? [];
        // With an open tab the counts of the others come along; without them, those known from before stand.
        const key = JSON.stringify([text, facets, off]);
        if (!tab || objects.length > 1 || this.whole.text !== key) this.whole = { text: key, buckets: objects };
        const known = this.offered.text === text ? this.offered.filters : [];
        const now = found.filters.map((each) => each.key);
        const gone = known.filter((each) => off.includes(each.key) && !now.includes(each.key));
        this.offered = { text, filters: [...found.filters, ...gone] };
    }

    fail(error) {
        if (error.status === 401) this.dispatchEvent(new CustomEvent('expired', { bubbles: true, composed: true }));
        this.problem = explained(error);
        this.answer = null;
        this.hits = [];
    }

    /** The same question again: what is new or has changed is pointed out. */
    async look() {
        if (this.busy || !this.answer || this.more) return;
        const size = Math.min(MOST, Math.max(PAGE, this.hits.length));
        const seen = this.answer;
        try {
            // A tag of another size is never known; with any tag the question is not taken for a new search.
            const tag = this.known.size === size ? this.known.tag : '0';
            const found = await this.asking.run((signal) => post('/search', this.question({ size, tag }), { signal }));
            if (!found || this.answer !== seen) return;
            this.known = { size, tag: found.tag };
            if (found.unchanged) return;
            const before = new Map(this.hits.map((each) => [each.id, JSON.stringify([each.title, each.fields])]));
            const fresh = found.hits.filter((each) => before.get(each.id) !== JSON.stringify([each.title, each.fields]));
            const ids = new Set(found.hits.map((each) => each.id));
            const rest = this.hits.slice(size).filter((each) => !ids.has(each.id));
            this.fresh = new Set(fresh.map((each) => each.id));
            this.take({ ...found, search: seen.search });
            this.hits = [...found.hits, ...rest];
            if (!rest.length) this.cursor = found.cursor;
            clearTimeout(this.fading);
            this.fading = setTimeout(() => {
                this.fresh = new Set();
            }, FRESH);
        } catch (error) {
            // Otherwise what is known stays; the header says that something is wrong.
            if (error.status === 401) this.fail(error);
        }
    }

    async next() {
        if (!this.cursor || this.more) return;
        this.more = true;
        try {
            const found = await this.asking.run((signal) => post('/search', this.question({ cursor: this.cursor, counts: false }), { signal }));
            if (found) {
                const known = new Set(this.hits.map((each) => each.id));
                this.hits = [...this.hits, ...found.hits.filter((each) => !known.has(each.id))];
                this.cursor = found.cursor;
            }
        } catch (error) {
            if (error.status === 401) this.fail(error);
            else this.search(); // a cursor may have grown too old
        }
        this.more = false;
    }

    // What is shown

    get ready() {
        return this.hits.map((each) => ready(each, this.fresh.has(each.id)));
    }

    get waiting() {
        return this.busy && !this.answer && !this.problem;
    }

    get found() {
        return this.answer !== null && this.hits.length > 0;
    }

    get empty() {
        return this.answer !== null && !this.hits.length && !this.problem;
    }

    get emptyHeading() {
        return this.asked.text ? say('nothingFor', { text: this.asked.text }) : label.nothing;
    }

    get emptyHint() {
        return this.narrowed ? label.nothingNarrowed : label.nothingHint;
    }

    get narrowed() {
        return Boolean(this.asked.tab) || Object.keys(this.asked.facets).length > 0 || this.chips.some((each) => !each.off);
    }

    get widest() {
        return this.to({ tab: '', facets: {}, off: this.offered.filters.map((each) => each.key) });
    }

    get canWiden() {
        return this.narrowed;
    }

    get style() {
        return this.busy && this.answer ? 'results stale' : 'results';
    }

    get tabs() {
        const buckets = [...this.whole.buckets].sort((one, other) => other.count - one.count);
        const { tab } = this.asked;
        if (tab && !buckets.some((each) => each.value === tab)) buckets.push({ value: tab, label: kindsOf(tab), count: this.answer?.total ?? 0 });
        const all = buckets.reduce((sum, each) => sum + each.count, 0);
        return [{ name: '', label: label.all, count: number(all) }, ...buckets.map((each) => ({ name: each.value, label: each.label, count: number(each.count) }))];
    }

    get facets() {
        // What was just chosen is marked at once, before the answer comes.
        return (this.answer?.facets ?? [])
            .filter((each) => each.name !== OBJECT)
            .map((facet) => ({
                ...facet,
                buckets: facet.buckets.map((each) => ({ ...each, chosen: (this.asked.facets[facet.name] ?? []).includes(each.value) })),
            }));
    }

    get chips() {
        const understood = this.offered.filters.map((each) => ({ key: `off|${each.key}`, label: each.label, off: this.asked.off.includes(each.key) }));
        const chosen = Object.entries(this.asked.facets).flatMap(([name, values]) => {
            const facet = this.answer?.facets.find((each) => each.name === name);
            return values.map((value) => ({
                key: `facet|${name}|${value}`,
                label: `${facet?.label ?? name}: ${facet?.buckets.find((each) => each.value === value)?.label ?? value}`,
                off: false,
            }));
        });
        return [...understood, ...chosen];
    }

    get sorts() {
        return SORTS.map((name) => ({ name, label: called('sort', name, name), chosen: name === this.asked.sort }));
    }

    get counted() {
        if (!this.answer) return '';
        const { total, took_ms: took } = this.answer;
        return say('found', { n: total, nText: number(total), time: span(took / 1000) });
    }

    get said() {
        return this.answer ? say('foundShort', { n: this.answer.total, nText: number(this.answer.total) }) : '';
    }

    get notices() {
        const found = (this.answer?.notices ?? []).map((text) => ({ text }));
        if (this.answer?.relaxed && !this.answer.correction) found.push({ text: label.relaxed });
        return found;
    }

    get correction() {
        const found = this.answer?.correction;
        return found ? { text: found.text, instead: say('searchInstead', { text: found.instead_of }), href: this.to({ verbatim: true }) } : null;
    }

    get heading() {
        return this.asked.text ? say('resultsFor', { text: this.asked.text }) : label.allRecords;
    }

    get side() {
        return this.narrowing ? 'side open' : 'side';
    }

    get narrowingText() {
        return String(this.narrowing);
    }

    get hasMore() {
        return Boolean(this.cursor);
    }

    get moreText() {
        return this.more ? label.loading : label.showMore;
    }

    // What one does

    chooseTab(event) {
        go(this.to({ tab: event.detail.name, facets: {} }));
    }

    chooseFacet(event) {
        const { facet, value, chosen } = event.detail;
        const values = (this.asked.facets[facet] ?? []).filter((each) => each !== value);
        if (chosen) values.push(value);
        const facets = { ...this.asked.facets, [facet]: values };
        if (!values.length) delete facets[facet];
        go(this.to({ facets }));
    }

    toggleFilter(event) {
        const { key } = event.detail;
        if (key.startsWith('off|')) {
            const name = key.slice(4);
            const { off } = this.asked;
            go(this.to({ off: off.includes(name) ? off.filter((each) => each !== name) : [...off, name] }));
        } else {
            const [, facet, ...rest] = key.split('|');
            this.chooseFacet({ detail: { facet, value: rest.join('|'), chosen: false } });
        }
    }

    chooseSort(event) {
        go(this.to({ sort: event.target.value }));
    }

    toggleNarrowing() {
        this.narrowing = !this.narrowing;
    }

    opened(event) {
        const { id, rank } = event.detail;
        if (this.answer?.search) post('/click', { search: this.answer.search, id, rank }).catch(() => {}); // only for the figures
    }

    left() {
        this.dispatchEvent(new CustomEvent('leave'));
    }
}
