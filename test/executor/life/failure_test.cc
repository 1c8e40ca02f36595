// Failures in the middle of a run: every rank is gone soon, the code says why, and the culprit is
// named once. A rank is killed or stopped before exact calls (inject.cc).
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/executor/cli/program_run.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

constexpr double kPeerTimeout = 2;  // seconds
constexpr double kGoneAfterKill = 10;
// A silence is seen a tenth of it late, and mpirun takes a second or two to end everybody.
constexpr double kGoneAfterStop = kPeerTimeout + 8;

// Where a rank is when it makes the call, in step 2 where it trains: two micro-batches are two
// sends a step, the norm and the question whether to stop two sums.
struct Phase {
  const char* name;
  const char* call;
  int count;
  std::vector<int> ranks;
  const char* target = "rank";  // or "parent", the process that started it
};

const std::vector<Phase> kPhases{{"init", "MPI_Init_thread", 1, {0, 1}},
                                 {"forward", "MPI_Isend", 3, {0}},
                                 {"backward", "MPI_Isend", 3, {1}},
                                 {"reduce", "MPI_Allreduce", 3, {0, 1}},
                                 {"save", "fsync", 2, {0, 1}}};

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

// Its parent, mpirun, is gone: whoever inherits it takes a moment to notice its end.
bool is_gone(int process) {
  for (int i = 0; i < 20 && kill(process, 0) == 0; ++i) usleep(100'000);
  return kill(process, 0) != 0;
}

struct Outcome {
  Ended ended;
  double seconds = 0;  // from the failure to the end of the run
  int process = 0;     // that failed
};

Outcome strike(const Phase& phase, int rank, int signal_number) {
  const fs::path stamp = scratch() / "struck";
  fs::remove(stamp);
  fs::remove_all(scratch() / "checkpoints");
  const std::string environment = fmt::format(
      "LD_PRELOAD={} INJECT_RANK={} INJECT_CALL={} INJECT_COUNT={} INJECT_SIGNAL={} "
      "INJECT_STAMP={} INJECT_TARGET={}",
      GALVATRON_INJECTION, rank, phase.call, phase.count, signal_number, stamp.string(),
      phase.target);
  Outcome outcome{
      .ended = run(fmt::format("train {} --local --data {} --steps 1000 --save {} --save-every 2 "
                               "--peer-timeout {}",
                               write_plan(two_rank_plan()), data(),
                               (scratch() / "checkpoints").string(), kPeerTimeout),
                   environment)};
  const auto now = fs::file_time_type::clock::now();
  REQUIRE(fs::exists(stamp));
  outcome.seconds = std::chrono::duration<double>(now - fs::last_write_time(stamp)).count();
  std::ifstream(stamp) >> outcome.process;
  return outcome;
}

void check_failures(int times) {
  for (const int signal_number : {SIGKILL, SIGSTOP}) {
    const bool stopped = signal_number == SIGSTOP;
    for (const Phase& phase : kPhases) {
      double worst = 0;
      for (int i = 0; i < times; ++i) {
        const int rank = phase.ranks[static_cast<std::size_t>(i) % phase.ranks.size()];
        const Outcome outcome = strike(phase, rank, signal_number);
        INFO(phase.name << ", rank " << rank << ", signal " << signal_number << "\n"
                        << outcome.ended.err);
        worst = std::max(worst, outcome.seconds);
        CHECK(outcome.ended.code == (stopped ? 22 : 21));
        CHECK(outcome.seconds <= (stopped ? kGoneAfterStop : kGoneAfterKill));
        CHECK(count(outcome.ended.err,
                    fmt::format("rank {} (process {} on ", rank, outcome.process)) == 1);
        CHECK(count(outcome.ended.err, "galvatron-exec: rank") == 1);
        CHECK(is_gone(outcome.process));
      }
      fmt::print("{:<8} {:<9} {} times, worst {:.1f} s\n", stopped ? "stopped" : "killed",
                 phase.name, times, worst);
      std::fflush(stdout);
    }
  }
}

TEST_CASE("a rank that is killed or stopped at any phase ends the run") { check_failures(2); }

TEST_CASE("a rank that is killed or stopped at any phase ends the run, again and again",
          "[.nightly]") {
  check_failures(20);
}

TEST_CASE("a rank that stops at the very end does not hang the others") {
  const Outcome outcome = strike({"end", "MPI_Finalize", 1, {}}, 1, SIGKILL);
  CHECK(outcome.ended.code == 21);
}

Ended signalled(const std::string& signal_name, const std::string& options) {
  const fs::path log = scratch() / "signalled.jsonl";
  fs::remove(log);
  return run_until(log, signal_name,
                   fmt::format("train {} --local --data {} --steps 1000000 --log {} {}",
                               write_plan(two_rank_plan()), data(), log.string(), options));
}

TEST_CASE("asked to stop, a run finishes its step, saves and ends with code 75") {
  const std::string signal_name = GENERATE("TERM", "USR1");
  const fs::path folder = scratch() / ("stopped_by_" + signal_name);
  const Ended ended = signalled(signal_name, "--save " + folder.string());
  INFO(ended.err);
  CHECK(ended.code == 75);
  CHECK_THAT(ended.err, Contains("stopped by SIG" + signal_name + " after step"));
  CHECK(count(ended.err, "galvatron-exec: rank 0: ") == 1);
  const std::string latest = content(folder / "latest");
  const int step = std::stoi(latest.substr(latest.find('-') + 1));
  const Ended rest =
      run(fmt::format("train {} --local --data {} --steps {} --resume {}",
                      write_plan(two_rank_plan()), data(), step + 1, folder.string()));
  CHECK(rest.code == 0);
  CHECK_THAT(rest.err, Contains(fmt::format("after step {}", step)));
}

TEST_CASE("without a folder to save to a signal ends the run, and nobody is blamed") {
  const auto [signal_name, code] =
      GENERATE(table<std::string, int>({{"TERM", 143}, {"USR1", 138}, {"INT", 130}}));
  const Ended ended = signalled(signal_name, "");
  CHECK(ended.code == code);
  CHECK_THAT(ended.err, !Contains("died"));
}

TEST_CASE("where mpirun is killed it is named, and no rank") {
  const Outcome outcome = strike({"forward", "MPI_Isend", 3, {}, "parent"}, 0, SIGKILL);
  INFO(outcome.ended.err);
  CHECK(outcome.ended.code == 21);
  CHECK(outcome.seconds <= kGoneAfterKill);
  CHECK_THAT(outcome.ended.err, Contains("mpirun, which started the ranks, was ended by SIGKILL"));
  CHECK(count(outcome.ended.err, "died") == 0);
  CHECK(is_gone(outcome.process));
}

}  // namespace
}  // namespace galvatron
