import { LightningElement, api } from 'lwc';

/** Views to choose from: `{ name, label, count }`; fires `choose` with the name. Links of a toolbar, not ARIA tabs. */
export default class Tabs extends LightningElement {
    @api tabs = [];
    @api chosen = '';
    @api name = '';

    get items() {
        return this.tabs.map((each) => ({
            ...each,
            current: each.name === this.chosen ? 'true' : undefined,
            style: each.name === this.chosen ? 'tab chosen' : 'tab',
        }));
    }

    chose(event) {
        this.dispatchEvent(new CustomEvent('choose', { detail: { name: event.currentTarget.dataset.name } }));
    }
}
