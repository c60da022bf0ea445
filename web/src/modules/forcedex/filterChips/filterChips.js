import { LightningElement, api } from 'lwc';
import { label, say } from 'forcedex/i18n';

/** What narrows the search, each with a way out. Gets `{ key, label, off }`; fires `toggle` with the key. */
export default class FilterChips extends LightningElement {
    @api filters = [];
    label = label;

    get chips() {
        return this.filters.map((each) => ({
            ...each,
            style: each.off ? 'chip off' : 'chip',
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
