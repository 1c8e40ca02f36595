#include "executor/train/rank_program.h"

#include <ATen/Parallel.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "executor/communication/mpi_communicator.h"
#include "executor/launch/local_launch.h"
#include "executor/train/rank_watch.h"

namespace galvatron {
namespace {

class RankProcess {
 public:
  explicit RankProcess(const RankSetup& setup)
      : setup_(setup), watch_(here_, setup.peer_timeout), speaker_{.form = setup.form} {}

  void run(const RankBody& body);
  [[noreturn]] void fail();  // call in a catch block

 private:
  void join_the_others();

  const RankSetup& setup_;
  Whereabouts here_;
  RankWatch watch_;
  Speaker speaker_;
  // Ended by hand: after an error MPI would wait for the ranks that still work.
  std::optional<MpiSession> session_;
};

void RankProcess::join_the_others() {
  const std::optional<RankEnvironment> stated = read_rank_environment(setup_.environment);
  check_launcher_of_mpi(stated);
  if (stated) speaker_ = {.form = setup_.form, .rank = stated->rank, .ranks = stated->ranks};
  const std::optional<std::string> launcher = setup_.environment(kWatchVariable);
  if (launcher && stated) watch_.join_launcher(*launcher, stated->rank);
  session_.emplace();
  speaker_ = {.form = setup_.form, .rank = mpi_world_rank(), .ranks = mpi_world_size()};
  check_rank_environment(stated, speaker_.rank, speaker_.ranks);
  if (!watch_.joined() && speaker_.ranks > 1) {
    watch_.join_ranks({.rank = speaker_.rank, .ranks = speaker_.ranks, .broadcast = mpi_broadcast});
  }
}

void RankProcess::run(const RankBody& body) {
  join_the_others();
  // Ranks share the machine's cores; a plan's devices are what adds parallelism.
  at::set_num_threads(1);
  {
    const std::unique_ptr<Communicator> world =
        make_mpi_communicator({.first = 0, .size = speaker_.ranks, .stride = 1});
    body(*world, here_);
  }
  here_.enter(Phase::ending);
  session_.reset();
  watch_.leave(0);
}

void RankProcess::fail() {
  const auto code = static_cast<int>(code_of_current_error());
  watch_.fail_with(code);
  report_current_error(speaker_);
  std::fflush(nullptr);
  watch_.leave(code);
  std::_Exit(code);
}

}  // namespace

int run_as_rank(const RankBody& body, const RankSetup& setup) {
  RankProcess process(setup);
  try {
    process.run(body);
  } catch (...) {
    process.fail();
  }
  return static_cast<int>(ExitCode::success);
}

}  // namespace galvatron
