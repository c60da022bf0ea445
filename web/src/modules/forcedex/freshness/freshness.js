import { LightningElement, api } from 'lwc';
import { ago, moment } from 'forcedex/format';
import { label, say } from 'forcedex/i18n';

const LATE = 900; // seconds: from then on it is worth a colour

/** How current everything is, in a few words; how current each object is, on demand. */
export default class Freshness extends LightningElement {
    @api status;

    get state() {
        if (this.status?.unreachable || this.status?.elasticsearch === false) return 'bad';
        return (this.status?.lag_seconds ?? 0) > LATE ? 'late' : 'good';
    }

    get style() {
        return `pill ${this.state}`;
    }

    get text() {
        const { status } = this;
        if (!status) return '';
        if (status.unreachable) return label.offline;
        if (!status.elasticsearch) return label.searchDown;
        if (!status.synced_at) return label.notSynced;
        return this.state === 'late' ? say('behind', { time: ago(status.synced_at) }) : label.upToDate;
    }

    get hint() {
        return this.status?.synced_at ? say('syncedAt', { time: moment(this.status.synced_at) }) : '';
    }
}
