#include "client/cli/progress_display.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "client/cli/missing_workers.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

// Faster than the eye reads, and a terminal over a slow link still keeps up.
constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
constexpr char kEraseLine[] = "\r\x1b[K";

}  // namespace

void ProgressDisplay::Show(const v1::JobUpdate& update) {
  const absl::Time now = clock_.Now();
  const std::optional<std::string> line = progress_.Apply(update, now);
  if (width_ == 0) {
    if (line.has_value()) Say(*line);
    return;
  }
  // On a terminal the bar tells of trials.
  if (line.has_value() && update.has_job()) Say(*line);
  if (!progress_.job().has_value() || now - drawn_at_ < kRedrawInterval) return;
  drawn_at_ = now;
  has_bar_ = true;
  // One column less: some terminals wrap after the last one.
  stream_ << kEraseLine << progress_.Bar(width_ - 1, now);
  stream_.flush();
}

void ProgressDisplay::Say(absl::string_view line) {
  EraseBar();
  stream_ << Printable(line) << "\n";
  stream_.flush();
}

void ProgressDisplay::EraseBar() {
  if (!has_bar_) return;
  has_bar_ = false;
  drawn_at_ = absl::InfinitePast();
  stream_ << kEraseLine;
  stream_.flush();
}

std::string LinkText(SearchClient::Link link, absl::string_view address) {
  return link == SearchClient::Link::kLost
             ? absl::StrCat("lost the coordinator at ", address, "; trying again")
             : absl::StrCat("the coordinator at ", address, " is back");
}

absl::StatusOr<v1::Job> FollowJob(SearchClient& client, absl::string_view job,
                                  ProgressDisplay& display, std::ostream* alerts) {
  const auto alert = [&](absl::string_view line) {
    if (alerts == nullptr) return;
    display.EraseBar();
    *alerts << Printable(line) << "\n" << std::flush;
  };
  bool is_told = false;
  const auto look_for_workers = [&](const v1::Job& watched) {
    if (!MayLackWorkers(watched)) {
      is_told = false;
    } else if (!is_told && alerts != nullptr) {
      const absl::StatusOr<v1::ListWorkersResponse> workers = client.ListWorkers();
      if (!workers.ok()) return;  // the watch will find out why
      const std::string text = MissingWorkersText(*workers, client.address());
      is_told = !text.empty();
      if (is_told) alert(text);
    }
  };
  // The stream begins with trials; without their job no line could say metric, count and best.
  v1::JobUpdate first;
  CAVIAR_ASSIGN_OR_RETURN(*first.mutable_job(), client.GetJob(job));
  display.Show(first);
  v1::WatchJobRequest request;
  request.set_job(std::string(job));
  const absl::Status watched = client.WatchJob(
      request,
      [&](const v1::JobUpdate& update) {
        if (update.has_job()) look_for_workers(update.job());
        display.Show(update);
        return absl::OkStatus();
      },
      [&](SearchClient::Link link) { alert(LinkText(link, client.address())); });
  display.EraseBar();
  CAVIAR_RETURN_IF_ERROR(watched);
  return client.GetJob(job);
}

}  // namespace caviar::cli
