import { LightningElement, api } from 'lwc';
import { get } from 'forcedex/api';
import { remembered } from 'forcedex/hits';
import { label, say } from 'forcedex/i18n';
import { kindOf } from 'forcedex/org';
import { address } from 'forcedex/router';

const EXAMPLES = ['exampleMine', 'exampleBig', 'exampleCases', 'exampleLeads'];

/** Where one begins: what was recent, and what one could ask. */
export default class HomePage extends LightningElement {
    @api me;
    label = label;
    recent = null;

    async connectedCallback() {
        try {
            this.recent = await get('/recent');
        } catch (error) {
            if (error.status === 401) this.dispatchEvent(new CustomEvent('expired', { bubbles: true, composed: true }));
            this.recent = { searches: [], records: [] };
        }
    }

    get greeting() {
        return say('greeting', { name: this.me.name.split(' ')[0] });
    }

    get searches() {
        return (this.recent?.searches ?? []).map((text) => ({ text, href: address('/search', { q: text }) }));
    }

    get records() {
        return (this.recent?.records ?? []).map((each) => ({ ...remembered(each), kind: kindOf(each.object) }));
    }

    get examples() {
        return EXAMPLES.map((key) => ({ text: label[key], href: address('/search', { q: label[key] }) }));
    }

    get hasSearches() {
        return this.searches.length > 0;
    }

    get hasRecords() {
        return this.records.length > 0;
    }
}
