import { LightningElement } from 'lwc';
import { changed } from 'forcedex/api';
import { explained } from 'forcedex/hits';
import { called, label } from 'forcedex/i18n';

/** All reports by name, with what each reckons. */
export default class ReportsPage extends LightningElement {
    label = label;
    reports = null;
    problem = null;
    typed = '';

    connectedCallback() {
        this.load();
    }

    async load() {
        this.problem = null;
        try {
            this.reports = (await changed('/reports', '')).value.reports;
        } catch (error) {
            if (error.status === 401) this.dispatchEvent(new CustomEvent('expired', { bubbles: true, composed: true }));
            this.problem = explained(error);
        }
    }

    get shown() {
        const wanted = this.typed.trim().toLocaleLowerCase();
        return (this.reports ?? [])
            .map((each) => ({ ...each, called: called('report', each.name, each.title), href: `/report/${each.name}` }))
            .filter((each) => `${each.called} ${each.title} ${each.name} ${each.formula}`.toLocaleLowerCase().includes(wanted));
    }

    get none() {
        return this.reports !== null && !this.shown.length;
    }

    typing(event) {
        this.typed = event.target.value;
    }
}
