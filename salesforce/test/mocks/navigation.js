// The platform's navigation: keeps where one was sent, and lets a test say on which page one is.
import { createTestWireAdapter } from '@salesforce/wire-service-jest-util';

export const CurrentPageReference = createTestWireAdapter(jest.fn());

const Navigate = Symbol('Navigate');
export const went = [];

export const NavigationMixin = (Base) =>
    class extends Base {
        [Navigate](reference) {
            went.push(reference);
        }
    };
NavigationMixin.Navigate = Navigate;
