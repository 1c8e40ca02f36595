#include "executor/train/rank_program.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

#include "executor/communication/mpi_communicator.h"
#include "executor/communication/nccl_communicator.h"
#include "executor/launch/local_launch.h"
#include "executor/train/freed_memory.h"
#include "executor/train/rank_watch.h"

namespace galvatron {
namespace {

// NCCL refuses two ranks on one device unless this variable tells it not to.
Sharing sharing_of(const RankSetup& setup) {
  const bool may_share =
      setup.transport == Transport::mpi || setup.environment("NCCL_MULTI_RANK_GPU_ENABLE") == "1";
  return may_share ? Sharing::shared : Sharing::own_device;
}

// Ranks on CPUs share the machine's cores, and a plan's devices are what adds parallelism. Ranks on
// GPUs leave them to whoever has something to do there, such as the drawing of first weights.
int threads_of(c10::Device device) {
  if (device.is_cpu()) return 1;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, cores / cuda_devices());
}

class RankProcess {
 public:
  explicit RankProcess(const RankSetup& setup)
      : setup_(setup),
        watch_({.here = here_, .communicators = communicators_}, setup.peer_timeout),
        speaker_{.form = setup.form} {}

  void run(const RankBody& body);
  [[noreturn]] void fail();  // call in a catch block

 private:
  void join_the_others();
  Rendezvous meet(const std::optional<RankEnvironment>& stated);
  Rendezvous meet_over_mpi(const std::optional<RankEnvironment>& stated);
  std::unique_ptr<Communicator> make_world();

  const RankSetup& setup_;
  Whereabouts here_;
  WatchedCommunicators communicators_;
  RankWatch watch_;
  Speaker speaker_;
  Rendezvous ranks_;
  c10::Device device_ = c10::DeviceType::CPU;
  // Ended by hand: after an error MPI would wait for the ranks that still work.
  std::optional<MpiSession> session_;
};

void RankProcess::join_the_others() {
  const std::optional<RankEnvironment> stated = read_rank_environment(setup_.environment);
  if (stated) speaker_ = {.form = setup_.form, .rank = stated->rank, .ranks = stated->ranks};
  const std::optional<std::string> launcher = setup_.environment(kWatchVariable);
  if (launcher && stated) watch_.join_launcher(*launcher, stated->rank);
  ranks_ = meet(stated);
  speaker_ = {.form = setup_.form, .rank = ranks_.rank, .ranks = ranks_.size};
  if (!watch_.joined() && ranks_.size > 1) {
    watch_.join_ranks({.rank = ranks_.rank, .ranks = ranks_.size, .broadcast = ranks_.broadcast});
  }
  const int local_rank = stated ? stated->local_rank.value_or(ranks_.rank) : 0;
  device_ = open_device({.kind = setup_.device,
                         .local_rank = local_rank,
                         .sharing = sharing_of(setup_),
                         .products = setup_.products});
}

// NCCL finds nobody by itself; a rank that was started alone has nobody to find.
Rendezvous RankProcess::meet(const std::optional<RankEnvironment>& stated) {
  if (setup_.transport == Transport::mpi) {
    check_launcher_of_mpi(stated);
    return meet_over_mpi(stated);
  }
  if (!stated || stated->ranks == 1) return {};
  if (is_joined_by_mpi(*stated)) return meet_over_mpi(stated);
  return rendezvous_over_store(read_store_address(stated->launcher, setup_.environment),
                               stated->rank, stated->ranks);
}

Rendezvous RankProcess::meet_over_mpi(const std::optional<RankEnvironment>& stated) {
  session_.emplace();
  check_rank_environment(stated, mpi_world_rank(), mpi_world_size());
  return {.rank = mpi_world_rank(), .size = mpi_world_size(), .broadcast = mpi_broadcast};
}

std::unique_ptr<Communicator> RankProcess::make_world() {
  Ledger* const ledger = setup_.ledger;
  if (setup_.transport == Transport::nccl) {
    return make_nccl_communicator(ranks_, device_, {.ledger = ledger, .watched = &communicators_});
  }
  const RankGroup all{.first = 0, .size = ranks_.size, .stride = 1};
  return ledger == nullptr ? make_mpi_communicator(all) : make_mpi_communicator(all, *ledger);
}

void RankProcess::run(const RankBody& body) {
  join_the_others();
  at::set_num_threads(threads_of(device_));
  keep_freed_memory();
  {
    const std::unique_ptr<Communicator> world = make_world();
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
