import { LightningElement, api } from 'lwc';
import { label } from 'forcedex/i18n';
import { address, go } from 'forcedex/router';

const VIEWS = ['sync', 'letters', 'searches', 'access', 'words', 'log'];

/** For administrators: how the sync does, and what they can do about it. */
export default class OperatorPage extends LightningElement {
    @api me;
    @api place;
    label = label;

    get view() {
        const wanted = this.place.query.get('view');
        return VIEWS.includes(wanted) ? wanted : VIEWS[0];
    }

    get tabs() {
        const names = { sync: label.sync, letters: label.deadLetters, searches: label.searches, access: label.access, words: label.words, log: label.log };
        return VIEWS.map((name) => ({ name, label: names[name] }));
    }

    get refused() {
        return !this.me.admin;
    }
    get atSync() {
        return this.view === 'sync';
    }
    get atLetters() {
        return this.view === 'letters';
    }
    get atSearches() {
        return this.view === 'searches';
    }
    get atAccess() {
        return this.view === 'access';
    }
    get atWords() {
        return this.view === 'words';
    }
    get atLog() {
        return this.view === 'log';
    }

    choose(event) {
        const { name } = event.detail;
        go(address('/operator', { view: name === VIEWS[0] ? '' : name }));
    }
}
