// Before LWC, so in a script of its own: global SLDS then reaches into components, as in Lightning Experience.
import '@lwc/synthetic-shadow';
