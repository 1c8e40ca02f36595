#include "executor/train/rank_program.h"

#include <ATen/Parallel.h>

#include <cstdio>
#include <cstdlib>

#include "executor/communication/mpi_communicator.h"

namespace galvatron {

int run_as_rank(const std::function<void(Communicator& world)>& body, OutputForm form) {
  const MpiSession session;
  const int rank = mpi_world_rank();
  const int ranks = mpi_world_size();
  try {
    // Ranks share the machine's cores; a plan's devices are what adds parallelism.
    at::set_num_threads(1);
    Ledger ledger;
    const std::unique_ptr<Communicator> world =
        make_mpi_communicator({.first = 0, .size = ranks, .stride = 1}, ledger);
    body(*world);
  } catch (...) {
    const ExitCode code = report_current_error({.form = form, .rank = rank, .ranks = ranks});
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(code));
  }
  return static_cast<int>(ExitCode::success);
}

}  // namespace galvatron
