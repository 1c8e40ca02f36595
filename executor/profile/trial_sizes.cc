#include "executor/profile/trial_sizes.h"

namespace galvatron {

TrialSizes trial_sizes(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::cpu:
      break;
    case DeviceKind::cuda:
      return {.products = {128, 512, 2048, 8192},
              .attention = {.samples = 8, .tokens = 2048, .heads = 16, .head_size = 128},
              .memory_elements = 128 << 20,
              .cache_elements = 256 << 20,
              .overlap_payload = 64 * kMiB,
              .overlap_width = 2048};
  }
  return {.products = {64, 256, 1024},
          .attention = {.samples = 2, .tokens = 512, .heads = 4, .head_size = 64},
          .memory_elements = 8 << 20,
          .cache_elements = 4 << 20,
          .overlap_payload = 4 * kMiB,
          .overlap_width = 256};
}

}  // namespace galvatron
