// In place of the platform's navigation: where a component went is kept.
const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');

function address({ attributes = {}, type }) {
    if (attributes.recordId) return `/lightning/r/${attributes.objectApiName ?? 'sObject'}/${attributes.recordId}/view`;
    return attributes.url ?? `/lightning/${type}`;
}

export const NavigationMixin = (Base) =>
    class extends Base {
        [Navigate](reference) {
            window.preview.went.push(reference);
        }

        [GenerateUrl](reference) {
            return Promise.resolve(address(reference));
        }
    };
NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;

/** A wire adapter: the state that the address of a page carries. */
export class CurrentPageReference {
    constructor(told) {
        this.told = told;
    }

    connect() {
        this.told({ type: 'standard__component', attributes: {}, state: window.preview.state });
    }

    update() {}

    disconnect() {}
}
