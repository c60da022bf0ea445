import { LightningElement, api } from 'lwc';
import { label } from 'c/forcedexWords';

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
        const tone = this.bad ? 'slds-text-color_error' : 'slds-text-color_weak';
        return `box ${this.kind} slds-align_absolute-center slds-grid_vertical slds-text-align_center slds-p-around_large ${tone}`;
    }

    get bad() {
        return this.kind === 'bad';
    }

    again() {
        this.dispatchEvent(new CustomEvent('again'));
    }
}
