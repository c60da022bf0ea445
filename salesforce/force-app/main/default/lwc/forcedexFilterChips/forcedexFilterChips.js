import { LightningElement, api } from 'lwc';
import { label, say } from 'c/forcedexWords';

/** What narrows the search, each with a way out. Gets `{ key, label, off }`; fires `toggle` with the key. */
export default class FilterChips extends LightningElement {
    @api filters = [];
    label = label;

    get chips() {
        return this.filters.map((each) => ({
            ...each,
            style: each.off ? 'chip off slds-button slds-button_neutral' : 'chip slds-button slds-button_outline-brand',
            said: say(each.off ? 'useFilter' : 'dropFilter', { name: each.label }),
        }));
    }

    get any() {
        return this.filters.length > 0;
    }

    toggled(event) {
        this.dispatchEvent(new CustomEvent('toggle', { detail: { key: event.currentTarget.dataset.key } }));
    }
}
