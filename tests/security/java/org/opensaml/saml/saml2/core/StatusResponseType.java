package org.opensaml.saml.saml2.core;

/** A name that signatures in x-pack-security mention; SAML itself is not there. */
public interface StatusResponseType {}
