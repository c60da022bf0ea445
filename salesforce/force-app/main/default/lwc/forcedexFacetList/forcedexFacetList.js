import { LightningElement, api } from 'lwc';
import { number } from 'c/forcedexFormat';
import { label, say } from 'c/forcedexWords';

/** What hits have in common, with counts. Gets facets as the search tells them; fires `choose` with `{ facet, value, chosen }`. */
export default class FacetList extends LightningElement {
    @api facets = [];
    label = label;

    get groups() {
        return this.facets.map((facet) => ({
            name: facet.name,
            label: facet.label,
            buckets: facet.buckets.map((each) => ({
                ...each,
                key: `${facet.name}|${each.value}`,
                facet: facet.name,
                shown: number(each.count),
                said: say('records', { n: each.count, nText: number(each.count) }),
            })),
        }));
    }

    chose(event) {
        const { facet, value } = event.target.dataset;
        this.dispatchEvent(new CustomEvent('choose', { detail: { facet, value, chosen: event.target.checked } }));
    }
}
