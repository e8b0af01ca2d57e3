#include "tests/contract/fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"

namespace caviar::store {
namespace {

constexpr size_t kSectorBytes = 512;

}  // namespace

struct FaultVfs::Disk {
  struct FileImage {
    std::string written;
    std::string durable;
    bool is_durable = false;  // its name is in the directory after a power loss
  };

  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::map<std::string, FileImage> files;  // by path
  Faults faults;
  int writes = 0;
  int syncs = 0;
};

namespace {

using Disk = FaultVfs::Disk;
using FileImage = Disk::FileImage;

// What SQLite allocates for us: our header, then the real layer's file.
struct File {
  sqlite3_file base;
  Disk* disk;
  std::string* path;  // null for temporary files, which nobody misses
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  FileImage* image() { return path == nullptr ? nullptr : &disk->files[*path]; }
};

File& Self(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
Disk& Self(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int Close(sqlite3_file* file) {
  File& self = Self(file);
  delete self.path;
  self.path = nullptr;
  return self.real()->pMethods->xClose(self.real());
}

int Read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  sqlite3_file* real = Self(file).real();
  return real->pMethods->xRead(real, bytes, count, offset);
}

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  File& self = Self(file);
  Disk& disk = *self.disk;
  if (++disk.writes >= disk.faults.failing_write && disk.faults.failing_write > 0) {
    return SQLITE_FULL;
  }
  if (FileImage* image = self.image()) {
    const size_t end = static_cast<size_t>(offset) + static_cast<size_t>(count);
    if (image->written.size() < end) image->written.resize(end);
    std::copy_n(static_cast<const char*>(bytes), count, image->written.begin() + offset);
  }
  return self.real()->pMethods->xWrite(self.real(), bytes, count, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& self = Self(file);
  if (FileImage* image = self.image()) image->written.resize(static_cast<size_t>(size));
  return self.real()->pMethods->xTruncate(self.real(), size);
}

int Sync(sqlite3_file* file, int flags) {
  File& self = Self(file);
  Disk& disk = *self.disk;
  if (++disk.syncs == disk.faults.failing_sync) return SQLITE_IOERR_FSYNC;
  if (disk.faults.syncs_lie) return SQLITE_OK;
  if (FileImage* image = self.image()) {
    image->durable = image->written;
    image->is_durable = true;
  }
  return self.real()->pMethods->xSync(self.real(), flags);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  sqlite3_file* real = Self(file).real();
  return real->pMethods->xFileSize(real, size);
}
int Lock(sqlite3_file* file, int level) {
  sqlite3_file* real = Self(file).real();
  return real->pMethods->xLock(real, level);
}
int Unlock(sqlite3_file* file, int level) {
  sqlite3_file* real = Self(file).real();
  return real->pMethods->xUnlock(real, level);
}
int CheckReservedLock(sqlite3_file* file, int* is_reserved) {
  sqlite3_file* real = Self(file).real();
  return real->pMethods->xCheckReservedLock(real, is_reserved);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  sqlite3_file* real = Self(file).real();
  return real->pMethods->xFileControl(real, operation, argument);
}
int SectorSize(sqlite3_file*) { return kSectorBytes; }
// None: SQLite must not count on any mercy of the disk.
int DeviceCharacteristics(sqlite3_file*) { return 0; }

const sqlite3_io_methods kMethods = {1,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     DeviceCharacteristics,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr};

std::string ReadWhole(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  Disk& disk = Self(vfs);
  File* self = new (file) File{};
  self->disk = &disk;
  const bool is_kept = path != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
  if (is_kept && disk.files.count(path) == 0 && std::filesystem::exists(path)) {
    // What was there before counts as durable.
    const std::string bytes = ReadWhole(path);
    disk.files[path] = FileImage{bytes, bytes, true};
  }
  const int result = disk.real->xOpen(disk.real, path, self->real(), flags, flags_out);
  if (result != SQLITE_OK) return result;
  self->base.pMethods = &kMethods;
  if (is_kept) self->path = new std::string(path);
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  Disk& disk = Self(vfs);
  disk.files.erase(path);
  return disk.real->xDelete(disk.real, path, sync_directory);
}

}  // namespace

FaultVfs::FaultVfs() : disk_(std::make_unique<Disk>()) {
  static int count = 0;
  disk_->name = absl::StrCat("fault-", ++count);
  disk_->real = sqlite3_vfs_find(nullptr);
  disk_->vfs = *disk_->real;  // whatever is not about files of ours is the real layer's
  disk_->vfs.zName = disk_->name.c_str();
  disk_->vfs.szOsFile = static_cast<int>(sizeof(File)) + disk_->real->szOsFile;
  disk_->vfs.xOpen = Open;
  disk_->vfs.xDelete = Delete;
  // The real layer's functions look at their own vfs only through pAppData: keep it for them by
  // asking them with `real`. Those that we inherit untouched do not use it.
  disk_->vfs.pAppData = disk_.get();
  CAVIAR_CHECK(sqlite3_vfs_register(&disk_->vfs, 0) == SQLITE_OK);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&disk_->vfs); }

const std::string& FaultVfs::name() const { return disk_->name; }

void FaultVfs::SetFaults(const Faults& faults) {
  disk_->faults = faults;
  disk_->writes = 0;
  disk_->syncs = 0;
}

int FaultVfs::syncs() const { return disk_->syncs; }

void FaultVfs::SavePowerLoss(const std::string& directory, Rng& rng) const {
  for (const auto& [path, image] : disk_->files) {
    if (!image.is_durable && rng.UniformInt(2) == 0) continue;
    std::string found = image.durable;
    // Whether a change of length was written back is a matter of luck too.
    if (rng.UniformInt(2) == 0) found.resize(image.written.size());
    for (size_t begin = 0; begin < std::min(found.size(), image.written.size());
         begin += kSectorBytes) {
      const size_t count =
          std::min({kSectorBytes, found.size() - begin, image.written.size() - begin});
      if (rng.UniformInt(2) == 0) found.replace(begin, count, image.written, begin, count);
    }
    const std::string name = std::filesystem::path(path).filename();
    std::ofstream stream(absl::StrCat(directory, "/", name), std::ios::binary);
    stream << found;
  }
}

}  // namespace caviar::store
