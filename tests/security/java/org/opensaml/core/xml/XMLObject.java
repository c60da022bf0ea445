package org.opensaml.core.xml;

/** A name that signatures in x-pack-security mention; SAML itself is not there. */
public interface XMLObject {}
