/** The command of the image: runs the part that its argument names. */
const parts = {
  auth: () => import('../../auth/dist/main.js'),
  messaging: () => import('../../messaging/dist/main.js'),
  web: () => import('../../web/dist/main.js'),
  doctor: () => import('../../doctor/dist/main.js'),
  'bucket-setup': () => import('../../messaging/dist/bucket-setup.js'),
};

const [name = ''] = process.argv.splice(2, 1);
if (Object.hasOwn(parts, name)) {
  await parts[name]();
} else {
  console.error(`Name the part to run: ${Object.keys(parts).join(', ')}`);
  process.exitCode = 2;
}
