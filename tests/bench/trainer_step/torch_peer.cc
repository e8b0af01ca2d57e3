#include "tests/bench/trainer_step/torch_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "worker/linalg/blas.h"

namespace caviar::bench {
namespace {

using Settings = train::SyntheticTraining::Settings;

const char* NameOf(linalg::ActivationFunction::Kind kind) {
  using Kind = linalg::ActivationFunction::Kind;
  switch (kind) {
    case Kind::kLeakyRelu:
      return "leaky_relu";
    case Kind::kTanh:
      return "tanh";
    case Kind::kSigmoid:
      return "sigmoid";
    default:
      return "relu";
  }
}

const char* NameOf(nn::Optimizer::Kind kind) {
  using Kind = nn::Optimizer::Kind;
  switch (kind) {
    case Kind::kGradientDescent:
      return "gradient_descent";
    case Kind::kMomentum:
      return "momentum";
    case Kind::kNesterov:
      return "nesterov";
    case Kind::kRmsprop:
      return "rmsprop";
    case Kind::kAdam:
      return "adam";
    case Kind::kAdamW:
      return "adamw";
  }
  return "adam";
}

std::string JsonOf(const Settings& settings) {
  return absl::StrCat(
      "{\"features\": ", settings.features, ", \"hidden\": [", absl::StrJoin(settings.hidden, ", "),
      "], \"classes\": ", settings.classes, ", \"batch\": ", settings.batch,
      ", \"batch_norm\": ", settings.batch_norm ? "true" : "false", ", \"activation\": \"",
      NameOf(settings.activation.kind), "\", \"dropout\": ", settings.dropout,
      ", \"optimizer\": \"", NameOf(settings.optimizer), "\"}");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TorchPeer>> TorchPeer::Start() {
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
    return absl::UnavailableError("cannot make pipes");
  }
  signal(SIGPIPE, SIG_IGN);  // a dead peer is an answer, not our end
  const pid_t process = fork();
  if (process == 0) {
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    // PyTorch takes AVX2 unless told otherwise, and its tensors come and go by malloc, which would
    // give their memory back to the system each time: 1.4 to 8 times as slow here.
    if (linalg::CpuHasAvx512()) setenv("ATEN_CPU_CAPABILITY", "avx512", 1);
    setenv("MALLOC_MMAP_THRESHOLD_", "1073741824", 1);
    setenv("MALLOC_TRIM_THRESHOLD_", "4294967296", 1);
    setenv("MALLOC_TOP_PAD_", "268435456", 1);
    // Debian's, for which its packages are made, whatever else comes first in PATH.
    execl("/usr/bin/python3", "python3", CAVIAR_TORCH_PEER, nullptr);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  std::unique_ptr<TorchPeer> peer(new TorchPeer(process, fdopen(to[1], "w"), fdopen(from[0], "r")));
  CAVIAR_ASSIGN_OR_RETURN(peer->version_, peer->ReadLine());
  return peer;
}

TorchPeer::~TorchPeer() {
  fclose(to_);
  fclose(from_);
  waitpid(process_, nullptr, 0);
}

absl::StatusOr<std::string> TorchPeer::ReadLine() {
  char line[256];
  if (fgets(line, sizeof(line), from_) == nullptr) {
    return absl::UnavailableError("PyTorch does not answer");
  }
  return std::string(absl::StripAsciiWhitespace(line));
}

absl::StatusOr<std::string> TorchPeer::Ask(const std::string& line) {
  if (fprintf(to_, "%s\n", line.c_str()) < 0 || fflush(to_) != 0) {
    return absl::UnavailableError("PyTorch has gone");
  }
  return ReadLine();
}

absl::Status TorchPeer::Make(const Settings& settings) { return Ask(JsonOf(settings)).status(); }

absl::StatusOr<double> TorchPeer::SecondsOfAStep(int steps) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string answer, Ask(absl::StrCat(steps)));
  double seconds = 0;
  if (!absl::SimpleAtod(answer, &seconds)) {
    return absl::UnavailableError(absl::StrCat("PyTorch answered ", answer));
  }
  return seconds;
}

}  // namespace caviar::bench
