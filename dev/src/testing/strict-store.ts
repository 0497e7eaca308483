/** Required by `npm run test:strict-store`: the tests then run on versitygw instead of the embedded object store. */
process.env['PARLEY_TEST_STORE'] = 'versitygw';
