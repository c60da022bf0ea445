import { LightningElement, api } from 'lwc';
import { number } from 'forcedex/format';
import { label } from 'forcedex/i18n';

/** Records around a record, one kind of them: `{ id, object, title, note, href }`, and how many there are in all. */
export default class RelatedList extends LightningElement {
    @api heading = '';
    @api object = '';
    @api total = 0;
    @api records = [];
    label = label;

    get count() {
        return number(this.total);
    }

    get rest() {
        return this.total > this.records.length ? `+ ${number(this.total - this.records.length)}` : '';
    }
}
