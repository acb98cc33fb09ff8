/**
 * Shared libraries through Node's `process.dlopen`, which is meant for addons: for any other library it throws after the linker has
 * loaded it. The message tells whether the linker succeeded.
 *
 * Dawn opens the Vulkan loader by the bare name `libvulkan.so.1`. glibc answers from the libraries already loaded, compared by
 * soname, before it searches LD_LIBRARY_PATH (which it reads only when a process starts) and the system's folders. So a loader
 * from another folder serves Dawn once it is loaded here.
 */
import { constants } from 'node:os';

/** glibc's RTLD_NODELETE (dlopen(3)), which Node does not list: the library stays when Node closes its handle. */
const NO_DELETE = 0x1000;

/** @param file a path, or a bare name for the linker to search */
function load(file: string, flags: number): boolean {
  try {
    process.dlopen({ exports: {} }, file, flags);
    return true;
  } catch (error) {
    return /did not self-register/.test((error as Error).message);
  }
}

/** Whether the linker finds and can load a library. */
export const canLoad = (name: string): boolean => load(name, constants.dlopen.RTLD_LAZY);

/** Loads a library until the process ends. @returns whether it could be loaded */
export const keepLoaded = (file: string): boolean => load(file, constants.dlopen.RTLD_LAZY | NO_DELETE);
