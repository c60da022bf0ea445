import { LightningElement } from 'lwc';
import { get } from 'forcedex/api';
import { explained } from 'forcedex/hits';
import { label, say } from 'forcedex/i18n';
import { address, recordAddress } from 'forcedex/router';

/** Why somebody may see a record, or not. */
export default class OperatorAccess extends LightningElement {
    label = label;
    found = null;
    problem = null;
    busy = false;

    async explain(event) {
        event.preventDefault();
        const user = this.refs.user.value.trim();
        // An address of a record may be pasted, too.
        const record = /[a-zA-Z0-9]{18}|[a-zA-Z0-9]{15}/.exec(this.refs.record.value)?.[0] ?? this.refs.record.value.trim();
        if (!user || !record) return;
        this.busy = true;
        try {
            this.found = await get(address('/admin/access', { user, record }));
            this.problem = null;
        } catch (error) {
            this.problem = explained(error);
            this.found = null;
        }
        this.busy = false;
    }

    get heading() {
        return say(this.found.seen ? 'maySee' : 'mayNotSee', { user: this.found.user });
    }

    get style() {
        return this.found.seen ? 'note good' : 'note bad';
    }

    get href() {
        return recordAddress(this.found.object, this.found.record);
    }

    get reasons() {
        return this.found.reasons.map((text) => ({ text }));
    }

    get fields() {
        return this.found.fields.map((each) => ({ ...each, told: each.shown ? label.yes : label.no, style: each.shown ? 'state' : 'state bad' }));
    }

    get anyFields() {
        return this.found.fields.length > 0;
    }
}
