import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

/** The operating-system account the server runs under; undefined = the account of this process. */
export interface ServerAccount {
  uid: number;
  gid: number;
  name: string;
}

/**
 * PostgreSQL refuses to run as root, so a root process hands the server to an account without rights: the one that
 * owns the data already, else `postgres`, else `nobody`.
 * @param clusterDir the server's data folder, which need not exist yet.
 * @throws Error when this process is root and the system has none of these accounts.
 */
export function chooseServerAccount(clusterDir: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existsSync(clusterDir) ? statSync(clusterDir) : undefined;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `uid ${owner.uid}` };
  const account = findAccount('postgres') ?? findAccount('nobody');
  if (account) return account;
  throw new Error(
    'PostgreSQL does not run as root, and this system has neither a "postgres" nor a "nobody" user to run it as. ' +
      'Start as another user, or create one: useradd --system postgres',
  );
}

function findAccount(name: string): ServerAccount | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g'), name };
  } catch {
    return undefined;
  }
}

/** Whether the account can enter the folder. Asked of the system itself, which alone knows modes, ACLs and mounts. */
export function canEnter(account: ServerAccount | undefined, dir: string): boolean {
  const identity = account && { uid: account.uid, gid: account.gid };
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir], { ...identity, cwd: '/', stdio: 'ignore' }).status === 0;
}
