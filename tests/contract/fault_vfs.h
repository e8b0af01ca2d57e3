// An SQLite file layer over the default one that can fail and can lose power.
//
// It remembers of every file what the last sync made durable. SavePowerLoss writes what a disk
// could hold if the power went now: the durable bytes, and of what was written since, sector by
// sector, each at random or not at all.
//
// Threads:   one at a time.
// Lifetime:  registered for the life of the process under its name; one instance for each test.
#ifndef CAVIAR_TESTS_CONTRACT_FAULT_VFS_H_
#define CAVIAR_TESTS_CONTRACT_FAULT_VFS_H_

#include <memory>
#include <string>

#include "common/random/rng.h"

namespace caviar::store {

class FaultVfs {
 public:
  struct Faults {
    // Counting from 1 from the moment of SetFaults; 0 = never. From the failing write on the disk
    // is full; a failing sync fails once, and the next ones say OK, as Linux does.
    int failing_write = 0;
    int failing_sync = 0;
    // Syncs say OK and do nothing.
    bool syncs_lie = false;
  };

  FaultVfs();
  ~FaultVfs();

  // For SqliteStoreOptions::vfs.
  const std::string& name() const;
  void SetFaults(const Faults& faults);
  // Syncs that were asked for since SetFaults.
  int syncs() const;
  // Writes the files as they might be found into `directory`, under the names they have.
  void SavePowerLoss(const std::string& directory, Rng& rng) const;

  struct Disk;

 private:
  std::unique_ptr<Disk> disk_;
};

}  // namespace caviar::store

#endif  // CAVIAR_TESTS_CONTRACT_FAULT_VFS_H_
