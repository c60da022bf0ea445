import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import locale from '@salesforce/i18n/locale';
import timeZone from '@salesforce/i18n/timeZone';
import click from '@salesforce/apex/ForcedexController.click';
import search from '@salesforce/apex/ForcedexController.search';
import suggest from '@salesforce/apex/ForcedexController.suggest';
import { number, useLocale } from 'c/forcedexFormat';
import { explained, readable, words } from 'c/forcedexHits';
import { Newest } from 'c/forcedexNewest';
import { problemOf } from 'c/forcedexProblems';
import { called, label, say } from 'c/forcedexWords';

const SORTS = ['relevance', 'modified', 'created', 'name', 'amount', 'close_date'];
const OBJECT = 'object';
const LONGEST = 1000; // characters
const PAUSE = 200; // milliseconds without a key before suggestions are asked for
const ADDRESS = 'c__forcedexSearch';
const WIDE = new Set(['LARGE', 'XLARGE']);
const MOST_PAGE = 50;

useLocale(locale, timeZone);

/** Search over the org: a box with suggestions, hits, and what narrows them. In the address the text is `c__q`. */
export default class ForcedexSearch extends NavigationMixin(LightningElement) {
    @api placeholder = '';
    /** How wide our place on the page is; the platform tells. */
    @api flexipageRegionWidth = 'LARGE';

    label = label;
    pause = PAUSE;
    asked = this.fresh('');
    answer = null;
    hits = [];
    cursor = null;
    problem = null;
    busy = false;
    more = false;
    broken = false;
    narrowing = false;
    suggestions = [];
    suggestedFor = '';
    page = null;
    perPage = 10;
    // Understood filters that are off, kept to be taken back.
    offered = [];
    asking = new Newest();
    completing = new Newest();

    /** Hits at once, 1 to 50. */
    @api
    get pageSize() {
        return this.perPage;
    }
    set pageSize(value) {
        this.perPage = Math.min(Math.max(Math.trunc(Number(value)) || 10, 1), MOST_PAGE);
    }

    @wire(CurrentPageReference)
    moved(page) {
        this.page = page;
        const text = page?.state?.c__q;
        if (typeof text === 'string' && text.trim() && text !== this.asked.text) {
            this.asked = this.fresh(text);
            this.find();
        }
    }

    // A page that is left and come back to is the same one: what it was waiting for is asked anew.
    connectedCallback() {
        if (this.broken) this.find();
    }

    disconnectedCallback() {
        this.broken = this.busy;
        this.more = false;
        this.asking.stop();
        this.completing.stop();
    }

    fresh(text) {
        return { text, objects: [], facets: {}, off: [], sort: 'relevance', verbatim: false };
    }

    // What one does

    async ask(event) {
        const { text } = event.detail;
        try {
            const found = await this.completing.run(() => suggest({ text }));
            if (!found) return;
            this.suggestions = found.suggestions.map((each) => ({
                ...each,
                detail: each.detail || this.kind(each.object),
                href: each.url,
            }));
            this.suggestedFor = text;
        } catch {
            // Typing goes on; the search itself says what is wrong.
            this.suggestions = [];
            this.suggestedFor = '';
        }
    }

    submit(event) {
        this.completing.stop();
        this.asked = this.fresh(event.detail.text);
        this.offered = [];
        this.remember();
        this.find();
    }

    clear() {
        this.asking.stop();
        this.completing.stop();
        this.asked = this.fresh('');
        this.answer = null;
        this.hits = [];
        this.problem = null;
        this.busy = false;
        this.suggestions = [];
    }

    // Where the address is ours, it names the search: it can be sent to a colleague, and Back leads back.
    remember() {
        if (this.page?.attributes?.componentName !== ADDRESS) return;
        this[NavigationMixin.Navigate]({
            type: 'standard__component',
            attributes: { componentName: ADDRESS },
            state: { ...this.page.state, c__q: this.asked.text },
        });
    }

    question(changes = {}) {
        return JSON.stringify({ ...this.asked, size: this.perPage, ...changes });
    }

    async find() {
        this.asking.stop();
        this.broken = false;
        if (this.asked.text.length > LONGEST) {
            this.fail({ code: 'too_long' });
            return;
        }
        this.busy = true;
        this.more = false;
        try {
            const question = this.question();
            const found = await this.asking.run(() => search({ question }));
            if (!found) return;
            this.take(found);
            this.hits = found.hits;
            this.problem = null;
        } catch (error) {
            this.fail(problemOf(error));
        }
        this.busy = false;
    }

    take(found) {
        const gone = this.offered.filter((each) => this.asked.off.includes(each.key));
        this.offered = [...found.filters, ...gone.filter((each) => !found.filters.some((other) => other.key === each.key))];
        this.answer = found;
        this.cursor = found.cursor;
    }

    fail(problem) {
        this.busy = false;
        this.problem = explained(problem);
        this.answer = null;
        this.hits = [];
        this.cursor = null;
    }

    async next() {
        if (this.more || !this.cursor) return;
        this.more = true;
        try {
            const question = this.question({ cursor: this.cursor, counts: false });
            const found = await this.asking.run(() => search({ question }));
            if (!found) return;
            const known = new Set(this.hits.map((each) => each.id));
            this.hits = [...this.hits, ...found.hits.filter((each) => !known.has(each.id))];
            this.cursor = found.cursor;
            this.answer = { ...this.answer, about: this.answer.about || found.about };
        } catch (error) {
            this.fail(problemOf(error));
        }
        this.more = false;
    }

    // A suggestion is opened at once, a hit is told to the service first.
    openSuggestion(event) {
        this.go(event.detail.id, event.detail.object);
    }

    openHit(event) {
        const { id, object, rank, elsewhere } = event.detail;
        // Only for the figures of the search: nobody waits for it.
        if (this.answer?.search) click({ search: this.answer.search, recordId: id, rank }).catch(() => {});
        if (elsewhere) return;
        event.preventDefault();
        this.go(id, object);
    }

    go(recordId, objectApiName) {
        this[NavigationMixin.Navigate]({
            type: 'standard__recordPage',
            attributes: { recordId, objectApiName, actionName: 'view' },
        });
    }

    chooseFacet(event) {
        const { facet, value, chosen } = event.detail;
        const known = facet === OBJECT ? this.asked.objects : (this.asked.facets[facet] ?? []);
        const values = known.filter((each) => each !== value);
        if (chosen) values.push(value);
        if (facet === OBJECT) {
            this.asked = { ...this.asked, objects: values };
        } else {
            const facets = { ...this.asked.facets, [facet]: values };
            if (!values.length) delete facets[facet];
            this.asked = { ...this.asked, facets };
        }
        this.find();
    }

    toggleFilter(event) {
        const { key } = event.detail;
        const { off } = this.asked;
        this.asked = { ...this.asked, off: off.includes(key) ? off.filter((each) => each !== key) : [...off, key] };
        this.find();
    }

    chooseSort(event) {
        this.asked = { ...this.asked, sort: event.target.value };
        this.find();
    }

    insist() {
        this.asked = { ...this.asked, verbatim: true };
        this.find();
    }

    widen() {
        this.asked = this.fresh(this.asked.text);
        this.asked.off = this.offered.map((each) => each.key);
        this.find();
    }

    toggleNarrowing() {
        this.narrowing = !this.narrowing;
    }

    focusBox() {
        this.refs.box.focus();
    }

    // What is shown

    kind(object) {
        const known = this.answer?.facets?.find((each) => each.name === OBJECT)?.buckets ?? [];
        return called('object', object, known.find((each) => each.value === object)?.label ?? words(object));
    }

    get hint() {
        return this.placeholder || label.searchPlaceholder;
    }

    get shownHits() {
        return this.hits.map((each) => ({ ...readable(each), kind: this.kind(each.object), href: each.url }));
    }

    get found() {
        return this.answer !== null && this.hits.length > 0;
    }

    get empty() {
        return this.answer !== null && !this.hits.length;
    }

    get emptyHeading() {
        return say('nothingFor', { text: this.asked.text });
    }

    get narrowed() {
        const { objects, facets } = this.asked;
        return objects.length > 0 || Object.keys(facets).length > 0 || this.chips.some((each) => !each.off);
    }

    get emptyHint() {
        return this.narrowed ? label.nothingNarrowed : label.nothingHint;
    }

    get waiting() {
        return this.busy && !this.answer && !this.problem;
    }

    get begin() {
        return !this.busy && !this.answer && !this.problem;
    }

    get counted() {
        if (!this.answer) return '';
        const { total, about } = this.answer;
        return say(about ? 'foundAbout' : 'foundShort', { n: total, nText: number(total) });
    }

    get said() {
        return this.busy ? label.loading : this.counted;
    }

    get facets() {
        return (this.answer?.facets ?? []).map((facet) => ({
            ...facet,
            buckets: facet.buckets.map((each) => ({
                ...each,
                chosen: (facet.name === OBJECT ? this.asked.objects : (this.asked.facets[facet.name] ?? [])).includes(each.value),
            })),
        }));
    }

    get hasFacets() {
        return this.facets.some((each) => each.buckets.length > 0);
    }

    get chips() {
        return this.offered.map((each) => ({ key: each.key, label: each.label, off: this.asked.off.includes(each.key) }));
    }

    get sorts() {
        return SORTS.map((name) => ({ name, label: called('sort', name, name), chosen: name === this.asked.sort }));
    }

    get notices() {
        const found = (this.answer?.notices ?? []).map((text) => ({ text }));
        if (this.answer?.relaxed && !this.answer.correction) found.push({ text: label.relaxed });
        return found;
    }

    get correction() {
        const found = this.answer?.correction;
        return found ? { text: found.text, instead: say('searchInstead', { text: found.instead_of }) } : null;
    }

    get wide() {
        return WIDE.has(this.flexipageRegionWidth);
    }

    get narrowingText() {
        return String(this.narrowing);
    }

    get side() {
        const hidden = this.narrowing ? '' : this.wide ? ' slds-show_medium' : ' slds-hide';
        return `slds-col slds-size_1-of-1${this.wide ? ' slds-medium-size_1-of-4' : ''}${hidden}`;
    }

    get main() {
        return `slds-col slds-size_1-of-1${this.wide && this.hasFacets ? ' slds-medium-size_3-of-4' : ''}`;
    }

    get narrowButton() {
        return `slds-button slds-button_neutral${this.wide ? ' slds-hide_medium' : ''}`;
    }

    get hasMore() {
        return Boolean(this.cursor);
    }

    get moreText() {
        return this.more ? label.loading : label.showMore;
    }
}
