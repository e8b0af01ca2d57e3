// Shows a watched job: a bar that is redrawn on a terminal, lines elsewhere.
//
// Threads: one owner.
#ifndef CAVIAR_CLIENT_CLI_PROGRESS_DISPLAY_H_
#define CAVIAR_CLIENT_CLI_PROGRESS_DISPLAY_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/search_service.pb.h"
#include "client/cli/progress.h"
#include "client/cli/search_client.h"
#include "common/time/clock.h"

namespace caviar::cli {

class ProgressDisplay {
 public:
  // `width`: columns of the terminal that `stream` is, 0 if it is none.
  ProgressDisplay(std::ostream& stream, int width) : stream_(stream), width_(width) {}
  ~ProgressDisplay() { EraseBar(); }

  void Show(const v1::JobUpdate& update);
  // A line of its own, above the bar.
  void Say(absl::string_view line);
  // The bar goes; further updates bring it back.
  void EraseBar();

  const Progress& progress() const { return progress_; }

 private:
  std::ostream& stream_;
  const int width_;
  const RealClock clock_;
  Progress progress_;
  bool has_bar_ = false;
  absl::Time drawn_at_ = absl::InfinitePast();
};

// "lost the coordinator at HOST:PORT; trying again", or that it is back.
std::string LinkText(SearchClient::Link link, absl::string_view address);

// Watches `job` until it has ended, showing it on `display`, and returns it as it ended. What keeps
// it waiting goes to `alerts`: no worker, a coordinator that is gone. Null: not told, by who looks
// after both himself.
absl::StatusOr<v1::Job> FollowJob(SearchClient& client, absl::string_view job,
                                  ProgressDisplay& display, std::ostream* alerts);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PROGRESS_DISPLAY_H_
