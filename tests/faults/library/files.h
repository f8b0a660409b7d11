// The disk under the service: writes that no fsync has made safe yet, and a disk that fails.
// What is asked for comes in the environment:
//   SYSTASK_UNSYNCED  what becomes, at a crash point, of writes since the last fsync of their
//                     file: keep (default), as after kill -9; drop, or tear (by SYSTASK_SEED,
//                     sector by sector), as after a power cut
//   SYSTASK_DISK      a file that says how the disk is now, as long as it exists: "write ENOSPC",
//                     "sync EIO", "sync lies" (says done, does nothing), or "write
//                     dies" (the power goes, at the next write)
#pragma once

namespace systask::faults {

// Takes back what SYSTASK_UNSYNCED says. Nothing is written after it.
void forget_unsynced();

}  // namespace systask::faults
