import { MongoServerError } from 'mongodb';

/** Whether a write was refused because a unique index has the key already; with a name, whether it was that index. */
export function isDuplicateKey(error: unknown, index?: string): boolean {
  return (
    error instanceof MongoServerError &&
    error.code === 11000 &&
    (index === undefined || error.message.includes(`index: ${index} `))
  );
}
