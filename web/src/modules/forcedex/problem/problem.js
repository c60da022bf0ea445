import { LightningElement, api } from 'lwc';
import { label } from 'forcedex/i18n';

/** What went wrong, or that there is nothing; and the next step. */
export default class Problem extends LightningElement {
    @api heading = '';
    @api hint = '';
    /** `empty` or `bad`. */
    @api kind = 'empty';
    /** Whether trying again can help: fires `again`. */
    @api retry = false;
    label = label;

    get box() {
        return `box ${this.kind}`;
    }

    get bad() {
        return this.kind === 'bad';
    }

    again() {
        this.dispatchEvent(new CustomEvent('again'));
    }
}
