// What a checkpoint holds, and what continues a run besides its tensors.
//
//   step-20/manifest.json      this
//   step-20/manifest.xxh64     its checksum, as `xxhsum -H1` writes and checks it
//   step-20/plan.yaml          the plan that the run had: where each piece of a parameter lies in
//   the
//                              shards follows from it (owned_pieces), and so does the model
//   step-20/rank-3.safetensors what rank 3 owned, flat: NAME, NAME.first_moment, NAME.second_moment
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/units.h"
#include "executor/data/batch_order.h"

namespace galvatron {

// Raised when old checkpoints can no longer be read: another layout of units, another file.
inline constexpr int kManifestVersion = 1;

struct TrainingState {
  std::int64_t step = 0;     // updates done
  std::int64_t samples = 0;  // that they took from the data
  std::uint64_t seed = 0;  // of shuffling and dropout, whose counters follow from step and samples
  RowOrder row_order = RowOrder::as_stored;

  bool operator==(const TrainingState&) const = default;
};

struct CheckpointFile {
  std::string name;
  Bytes size;
  std::uint64_t checksum = 0;

  bool operator==(const CheckpointFile&) const = default;
};

struct Manifest {
  TrainingState state;
  std::vector<CheckpointFile> files;  // the plan, then one shard per rank

  bool operator==(const Manifest&) const = default;
};

inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kManifestChecksumFile = "manifest.xxh64";
inline constexpr const char* kPlanFile = "plan.yaml";
std::string shard_file(int rank);

std::string manifest_text(const Manifest& manifest);

// Writes manifest and checksum into the folder, each whole and on disk.
void write_manifest(const std::string& folder, const Manifest& manifest);

// Throws SpecError if a file is missing or damaged, or another version wrote it.
Manifest read_manifest(const std::string& folder);

// Size and checksum of a file as it is on disk. Throws SpecError if it cannot be read.
CheckpointFile describe_file(const std::string& folder, const std::string& name);

// Throws SpecError if the file is not the one described.
void check_file(const std::string& folder, const CheckpointFile& expected);

}  // namespace galvatron
