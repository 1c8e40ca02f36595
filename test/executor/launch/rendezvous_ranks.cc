// rendezvous_ranks speak|mute|lose: one rank of a run without MPI, as far as it goes without a GPU.
//
// Finds the others over the store of MASTER_ADDR:MASTER_PORT, joins their watch and says what it
// heard from rank 0. Then it waits until something ends it. Mute, rank 0 says nothing; losing, rank
// 1 has a communicator that fails.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "executor/communication/rendezvous.h"
#include "executor/launch/exit_code.h"
#include "executor/train/rank_watch.h"

namespace galvatron {
namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

[[noreturn]] void run(const std::string& manner) {
  const RankEnvironment stated = read_rank_environment(environment).value();
  const Rendezvous ranks = rendezvous_over_store(read_store_address(stated.launcher, environment),
                                                 stated.rank, stated.ranks);
  fmt::print("connected\n");
  std::fflush(stdout);
  while (manner == "mute" && ranks.rank == 0) pause();
  const Whereabouts here;
  WatchedCommunicators communicators;
  RankWatch watch({.here = here, .communicators = communicators}, Seconds{5});
  watch.join_ranks({.rank = ranks.rank, .ranks = ranks.size, .broadcast = ranks.broadcast});
  std::string heard = ranks.broadcast(ranks.rank == 0 ? "words" : "") + " and ";
  heard += ranks.broadcast(ranks.rank == 0 ? std::string("more\0", 5) : "");
  fmt::print("{} rank {} of {} heard {} bytes: {}\n", stated.launcher, ranks.rank, ranks.size,
             heard.size(), heard.c_str());
  std::fflush(stdout);
  std::optional<WatchedCommunicators::Entry> lost;
  if (manner == "lose" && ranks.rank == 1) {
    lost.emplace(communicators,
                 WatchedCommunicators::Watched{
                     .name = "the communicator of ranks 0-2",
                     .failure = [] { return std::optional<std::string>("network error"); },
                     .abort = [] {}});
  }
  while (true) pause();
}

}  // namespace
}  // namespace galvatron

int main(int argc, char** argv) {
  try {
    galvatron::run(argc == 2 ? argv[1] : "speak");
  } catch (const galvatron::ExecutorError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "not foreseen: {}\n", error.what());
    return 1;
  }
}
