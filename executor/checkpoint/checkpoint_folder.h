// The folder of a run's checkpoints, and how a new one appears in it: whole or not at all.
//
//   step-10/  step-20/     complete: the folder was renamed when everything in it was on disk
//   step-30.partial/       under way, or left by a run that ended meanwhile
//   latest                 "step-20", written last
//
// Two are kept, the newest and the last before it that the run itself wrote or went on from: one is
// left if the newest is found damaged, and none is left that was found so before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace galvatron {

// Makes FOLDER/step-N.partial, empty, and returns its path; what earlier runs left behind goes.
// Throws std::system_error.
std::string begin_checkpoint(const std::string& folder, std::int64_t step);

// Renames step-N.partial to step-N, writes `latest`, then removes all checkpoints but this one and
// `before`: later ones belong to a run that was gone back on, others were passed over as damaged.
// Throws std::system_error.
std::string publish_checkpoint(const std::string& folder, std::int64_t step,
                               std::optional<std::int64_t> before);

// The path of FOLDER/step-N.
std::string checkpoint_path(const std::string& folder, std::int64_t step);

// The complete ones, newest first; empty also where there is no such folder.
std::vector<std::int64_t> saved_steps(const std::string& folder);

// Paths to try for going on, best first: FOLDER itself if it is a checkpoint, else what `latest`
// names and those before it; all where `latest` is missing.
std::vector<std::string> checkpoints_to_try(const std::string& folder);

}  // namespace galvatron
