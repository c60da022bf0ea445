import { LightningElement } from 'lwc';
import { get } from 'forcedex/api';
import { moment } from 'forcedex/format';
import { explained } from 'forcedex/hits';
import { label } from 'forcedex/i18n';

/** Who did what. */
export default class OperatorAudit extends LightningElement {
    label = label;
    lines = null;
    problem = null;

    connectedCallback() {
        this.load();
    }

    async load() {
        try {
            this.lines = (await get('/admin/audit')).audit.map((each, key) => ({ ...each, key, time: moment(each.at) }));
            this.problem = null;
        } catch (error) {
            this.problem = explained(error);
        }
    }

    get none() {
        return this.lines !== null && !this.lines.length;
    }

    get any() {
        return this.lines?.length > 0;
    }
}
