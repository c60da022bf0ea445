import { LightningElement, api } from 'lwc';
import { label } from 'c/forcedexWords';

/**
 * Records, best first. Each hit: `{ id, object, kind, title (pieces), facts (pieces), snippets, href, url, fresh }`.
 * `outside` says what a link to Salesforce does, if there is one. Fires `open` with `{ id, object, rank }`, whose
 * cancelling keeps the link from being followed, and `leave`; arrows walk from hit to hit.
 */
export default class HitList extends LightningElement {
    @api hits = [];
    label = label;

    get items() {
        return this.hits.map((each, index) => ({
            ...each,
            rank: index + 1,
            style: `hit slds-item slds-media${each.fresh ? ' fresh' : ''}`,
        }));
    }

    /** Go to the first hit. */
    @api focus() {
        this.links[0]?.focus();
    }

    get links() {
        return [...this.template.querySelectorAll('a.title')];
    }

    opened(event) {
        const { id, object, rank } = event.currentTarget.dataset;
        // With a key held the browser opens another tab.
        const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
        const detail = { id, object, rank: Number(rank), elsewhere };
        if (!this.dispatchEvent(new CustomEvent('open', { detail, cancelable: true }))) event.preventDefault();
    }

    pressed(event) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step) return;
        const { links } = this;
        const at = links.indexOf(this.template.activeElement);
        if (at < 0) return;
        event.preventDefault();
        if (at + step < 0) this.dispatchEvent(new CustomEvent('leave'));
        else links[Math.min(at + step, links.length - 1)].focus();
    }
}
