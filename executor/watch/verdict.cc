#include "executor/watch/verdict.h"

#include <fmt/format.h>

#include <algorithm>

namespace galvatron {
namespace {

using State = Sighting::State;

constexpr Seconds kDeathShows{1};  // its connection to the hub closes too, maybe later

std::optional<Verdict> of_failure(const std::vector<Sighting>& ranks, Seconds now) {
  const bool some_left = std::any_of(
      ranks.begin(), ranks.end(), [](const Sighting& rank) { return rank.state == State::left; });
  if (some_left) return std::nullopt;
  const auto first =
      std::min_element(ranks.begin(), ranks.end(), [](const Sighting& a, const Sighting& b) {
        return a.failed && (!b.failed || *a.failed < *b.failed);
      });
  if (first == ranks.end() || !first->failed || now - *first->failed < kDeathShows) {
    return std::nullopt;
  }
  return Verdict{.rank = -1,
                 .code = ExitCode::peer_died,
                 .text = fmt::format("{} cannot reach others: {}; last heard of at: {}",
                                     first->name, first->failure, place_text(first->place))};
}

bool is_silent(const Sighting& rank, const WatchLimits& limits, Seconds now) {
  switch (rank.state) {
    case State::awaited:
      return now - rank.heard > limits.start;
    case State::running:
      return now - rank.heard > limits.silence;
    case State::left:
    case State::lost:
      return false;
  }
  return false;
}

std::string silence_text(const Sighting& rank, Seconds now) {
  const double seconds = (now - rank.heard).value;
  if (rank.state == State::awaited) {
    return fmt::format("{} has not started within {:.1f} s", rank.name, seconds);
  }
  return fmt::format("{} has not answered for {:.1f} s; last heard of at: {}", rank.name, seconds,
                     place_text(rank.place));
}

std::optional<Verdict> of_silence(const std::vector<Sighting>& ranks, const WatchLimits& limits,
                                  Seconds now) {
  const auto culprit =
      std::min_element(ranks.begin(), ranks.end(), [&](const Sighting& a, const Sighting& b) {
        const bool a_silent = is_silent(a, limits, now);
        const bool b_silent = is_silent(b, limits, now);
        return a_silent != b_silent ? a_silent : a.heard < b.heard;
      });
  if (culprit == ranks.end() || !is_silent(*culprit, limits, now)) return std::nullopt;
  return Verdict{.rank = static_cast<int>(culprit - ranks.begin()),
                 .code = ExitCode::timeout,
                 .text = silence_text(*culprit, now)};
}

bool handles_files(Phase phase) { return phase == Phase::loading || phase == Phase::save; }

std::optional<Verdict> of_stall(const std::vector<Sighting>& ranks, const WatchLimits& limits,
                                Seconds now, Seconds longest_pause) {
  const Seconds patience = limits.stalled * std::max(limits.silence, longest_pause);
  std::string places;
  for (const Sighting& rank : ranks) {
    if (rank.state == State::left) continue;
    if (rank.state != State::running || now - rank.moved <= patience) return std::nullopt;
    if (handles_files(rank.place.phase)) return std::nullopt;
    places += fmt::format("\n  {}: {}", rank.name, place_text(rank.place));
  }
  if (places.empty()) return std::nullopt;
  return Verdict{
      .rank = -1,
      .code = ExitCode::timeout,
      .text = fmt::format("no rank has got further for {:.1f} s:{}", patience.value, places)};
}

}  // namespace

std::optional<Verdict> judge(const std::vector<Sighting>& ranks, const WatchLimits& limits,
                             Seconds now, Seconds longest_pause) {
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    if (ranks[rank].state != State::lost) continue;
    return Verdict{.rank = static_cast<int>(rank),
                   .code = ExitCode::peer_died,
                   .text = fmt::format("{} died; last heard of at: {}", ranks[rank].name,
                                       place_text(ranks[rank].place))};
  }
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    if (ranks[rank].state != State::left || ranks[rank].exit_code == 0) continue;
    return Verdict{.rank = static_cast<int>(rank), .text = {}, .own_code = ranks[rank].exit_code};
  }
  if (const auto failure = of_failure(ranks, now)) return failure;
  if (const auto silent = of_silence(ranks, limits, now)) return silent;
  return of_stall(ranks, limits, now, longest_pause);
}

}  // namespace galvatron
