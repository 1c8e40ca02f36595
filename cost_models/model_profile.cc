#include "cost_models/model_profile.h"

#include <algorithm>
#include <cmath>

namespace galvatron {
namespace {

double least_samples(const ProfiledLayer& layer) {
  return static_cast<double>(layer.samples.front());
}

double most_samples(const ProfiledLayer& layer) {
  return static_cast<double>(layer.samples.back());
}

bool reaches(const ProfiledLayer& layer, double samples) {
  return samples >= least_samples(layer) && samples <= most_samples(layer);
}

// Sequence parallelism means nothing on one rank.
bool splits_alike(const ProfiledLayer& layer, const ProfileQuery& query) {
  return layer.tensor == 1 || layer.sequence_parallel == query.sequence_parallel;
}

// Requires a size within the curve.
Seconds at_samples(const std::vector<Seconds>& times, const ProfiledLayer& layer, double samples) {
  const auto above = std::lower_bound(layer.samples.begin(), layer.samples.end(), samples);
  const auto index = static_cast<std::size_t>(above - layer.samples.begin());
  const auto upper = static_cast<double>(*above);
  if (upper == samples) return times[index];
  const auto lower = static_cast<double>(layer.samples[index - 1]);
  return times[index - 1] +
         (times[index] - times[index - 1]) * ((samples - lower) / (upper - lower));
}

ProfiledPasses passes_at(const ProfiledLayer& layer, double samples) {
  ProfiledPasses passes{.forward = at_samples(layer.forward.median, layer, samples),
                        .backward = at_samples(layer.backward.median, layer, samples),
                        .at = {.type = layer.type,
                               .tensor = layer.tensor,
                               .sequence_parallel = layer.sequence_parallel,
                               .samples = samples}};
  if (layer.selective) {
    passes.selective = at_samples(layer.selective->median, layer, samples);
  }
  return passes;
}

// The samples at which a rank of this layer's degree has as much to do as one of the query's.
double equal_work(const ProfiledLayer& layer, const ProfileQuery& query) {
  return query.samples * layer.tensor / query.tensor;
}

// Of the layers that hold a point of equal work: the largest degree that the query's is not below,
// and the smallest that it is not above.
struct Neighbours {
  const ProfiledLayer* below = nullptr;
  const ProfiledLayer* above = nullptr;
};

Neighbours neighbours_of(const ModelProfile& profile, const ProfileQuery& query) {
  Neighbours found;
  for (const ProfiledLayer& layer : profile.layers) {
    if (layer.type != query.type || !splits_alike(layer, query)) continue;
    if (!reaches(layer, equal_work(layer, query))) continue;
    if (layer.tensor <= query.tensor && (!found.below || layer.tensor > found.below->tensor)) {
      found.below = &layer;
    }
    if (layer.tensor >= query.tensor && (!found.above || layer.tensor < found.above->tensor)) {
      found.above = &layer;
    }
  }
  return found;
}

ProfiledPasses between(const Neighbours& layers, const ProfileQuery& query) {
  const ProfiledPasses below = passes_at(*layers.below, equal_work(*layers.below, query));
  if (layers.below == layers.above) return below;
  const ProfiledPasses above = passes_at(*layers.above, equal_work(*layers.above, query));
  const double share = std::log(static_cast<double>(query.tensor) / layers.below->tensor) /
                       std::log(static_cast<double>(layers.above->tensor) / layers.below->tensor);
  ProfiledPasses passes{.forward = below.forward + (above.forward - below.forward) * share,
                        .backward = below.backward + (above.backward - below.backward) * share,
                        .at = query};
  if (below.selective && above.selective) {
    passes.selective = *below.selective + (*above.selective - *below.selective) * share;
  }
  return passes;
}

// How far a layer's degree is from the query's: the other kind of split counts as half a doubling.
double distance(const ProfiledLayer& layer, const ProfileQuery& query) {
  constexpr double kOtherSplit = 0.5;
  const double degrees = std::abs(std::log2(static_cast<double>(layer.tensor) / query.tensor));
  return degrees + (splits_alike(layer, query) ? 0 : kOtherSplit);
}

const ProfiledLayer* nearest(const ModelProfile& profile, const ProfileQuery& query) {
  const ProfiledLayer* found = nullptr;
  for (const ProfiledLayer& layer : profile.layers) {
    if (layer.type != query.type) continue;
    if (!found || distance(layer, query) < distance(*found, query)) found = &layer;
  }
  return found;
}

}  // namespace

std::optional<ProfiledPasses> profiled_passes(const ModelProfile& profile,
                                              const ProfileQuery& query) {
  const Neighbours neighbours = neighbours_of(profile, query);
  if (neighbours.below && neighbours.above) {
    ProfiledPasses passes = between(neighbours, query);
    passes.at = query;
    return passes;
  }
  const ProfiledLayer* layer = nearest(profile, query);
  if (layer == nullptr) return std::nullopt;
  ProfiledPasses passes = passes_at(
      *layer, std::clamp(equal_work(*layer, query), least_samples(*layer), most_samples(*layer)));
  passes.at.type = query.type;  // the same text, which outlives the profile's
  return passes;
}

bool holds(const ModelProfile& profile, std::string_view type) {
  return std::any_of(profile.layers.begin(), profile.layers.end(),
                     [&](const ProfiledLayer& layer) { return layer.type == type; });
}

}  // namespace galvatron
