#include "executor/train/check_outputs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

void check_folder(const fs::path& folder, int rank) {
  const fs::path probe = folder / fmt::format("rank-{}.probe.partial", rank);
  const int file = open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) {
    throw std::system_error(errno, std::generic_category(),
                            fmt::format("cannot write to {}", folder.string()));
  }
  close(file);
  unlink(probe.c_str());
}

void check_checkpoints(const std::string& folder, Communicator& world) {
  try {
    if (world.rank() == 0) fs::create_directories(folder);
    world.barrier();
    check_folder(folder, world.rank());
  } catch (const std::system_error& error) {
    throw ExecutorError(
        ExitCode::checkpoint,
        fmt::format("cannot save in \"{}\", which all ranks must see and may write: {}", folder,
                    error.what()));
  }
}

}  // namespace

void check_outputs(const TrainOptions& options, Communicator& world) {
  if (!options.save.empty()) check_checkpoints(options.save, world);
  if (world.rank() != 0) return;
  if (!options.export_weights.empty()) {
    fs::create_directories(options.export_weights);
    check_folder(options.export_weights, world.rank());
  }
  if (options.profile_steps) {
    const fs::path folder = fs::path(options.trace).parent_path();
    check_folder(folder.empty() ? "." : folder, world.rank());
  }
}

}  // namespace galvatron
