import { LightningElement } from 'lwc';
import { get } from 'forcedex/api';
import { day, number, share, span } from 'forcedex/format';
import { explained } from 'forcedex/hits';
import { label, say } from 'forcedex/i18n';
import { address } from 'forcedex/router';

const SPANS = [7, 30, 90];
const part = (value) => (value === null ? '–' : share(value));
const time = (value) => (value === null ? '–' : span(value / 1000));
const mean = (value) => (value === null ? '–' : number(value, { maximumFractionDigits: 1 }));

/** What people search for, and how well it works. */
export default class OperatorSearches extends LightningElement {
    label = label;
    days = 30;
    found = null;
    problem = null;

    connectedCallback() {
        this.load();
    }

    async load() {
        try {
            this.found = await get(`/admin/searches?days=${this.days}`);
            this.problem = null;
        } catch (error) {
            this.problem = explained(error);
        }
    }

    get waiting() {
        return !this.found && !this.problem;
    }

    get spans() {
        return SPANS.map((each) => ({ value: each, label: say('lastDays', { n: each }), chosen: each === this.days }));
    }

    get figures() {
        const { total } = this.found;
        return [
            [label.searches, number(total.searches)],
            [label.clickThrough, part(total.click_through)],
            [label.meanRank, mean(total.mean_rank)],
            [label.withoutResults, part(total.without_results)],
            [label.reformulated, part(total.reformulated)],
            [label.median, time(total.p50_ms)],
            [label.slowest, time(total.p95_ms)],
            [label.relevanceFigure, mean(total.relevance_figure)],
        ].map(([name, text]) => ({ name, text }));
    }

    lines(table, name = (each) => each) {
        return Object.entries(table).map(([key, each]) => ({
            key,
            name: name(key),
            href: address('/search', { q: key }),
            searches: number(each.searches),
            clicks: part(each.click_through),
            rank: mean(each.mean_rank),
            empty: part(each.without_results),
            again: part(each.reformulated),
            median: time(each.p50_ms),
        }));
    }

    get queries() {
        return this.lines(this.found.queries);
    }

    get byDay() {
        return this.lines(this.found.days, day).reverse();
    }

    get misses() {
        return Object.entries(this.found.without_results).map(([text, count]) => ({ text, count: number(count), href: address('/search', { q: text }) }));
    }

    get anyMisses() {
        return this.misses.length > 0;
    }

    choose(event) {
        this.days = Number(event.target.value);
        this.load();
    }
}
