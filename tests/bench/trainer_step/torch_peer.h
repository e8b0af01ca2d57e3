// PyTorch in a process of its own (torch_peer.py), asked for steps a block at a time so that its
// blocks and ours take turns.
//
// Threads:   one owner.
// Ownership: owns the process, which ends with it.
// Errors:    kUnavailable when it cannot be started or has died; what it had to say is on stderr.
#ifndef CAVIAR_TESTS_BENCH_TRAINER_STEP_TORCH_PEER_H_
#define CAVIAR_TESTS_BENCH_TRAINER_STEP_TORCH_PEER_H_

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/train/synthetic_training.h"

namespace caviar::bench {

class TorchPeer {
 public:
  // Waits until PyTorch is loaded.
  static absl::StatusOr<std::unique_ptr<TorchPeer>> Start();
  ~TorchPeer();
  TorchPeer(const TorchPeer&) = delete;
  TorchPeer& operator=(const TorchPeer&) = delete;

  const std::string& version() const { return version_; }

  absl::Status Make(const train::SyntheticTraining::Settings& settings);
  // Processor seconds of one step, mean of `steps`.
  absl::StatusOr<double> SecondsOfAStep(int steps);

 private:
  TorchPeer(pid_t process, FILE* to, FILE* from) : process_(process), to_(to), from_(from) {}
  absl::StatusOr<std::string> Ask(const std::string& line);
  absl::StatusOr<std::string> ReadLine();

  pid_t process_;
  FILE* to_;
  FILE* from_;
  std::string version_;
};

}  // namespace caviar::bench

#endif  // CAVIAR_TESTS_BENCH_TRAINER_STEP_TORCH_PEER_H_
