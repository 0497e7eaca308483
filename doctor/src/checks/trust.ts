/** How to mend that the certificate of a server is not trusted. */
export const TRUST =
  'Set NODE_EXTRA_CA_CERTS to the file of the CA that has signed the certificate, and use a host name that is in the certificate. If it has expired, renew it.';
