import { LightningElement, api } from 'lwc';

/** A text with what was searched for marked; text nodes only, whatever a record holds. */
export default class Marked extends LightningElement {
    @api segments = [];

    get pieces() {
        return this.segments.map((each, index) => ({ ...each, key: index }));
    }
}
