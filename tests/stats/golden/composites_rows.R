# Makes composites_rows.csv, the answers that composites.R works on: Rscript composites_rows.R <input folder> <output folder>
# 4 strata of 14, 10, 12 and 1 clusters; six items 1-5 with answers missing, an overall answer, a domain, a post-stratum.
arguments <- commandArgs(TRUE)
set.seed(20261122)
clusters <- c(14, 10, 12, 1)
in_population <- c(60, 25, 30, 9)
rows <- do.call(rbind, lapply(seq_len(sum(clusters)), function(j) {
  stratum <- rep(1:4, clusters)[j]
  k <- if (stratum == 4) 9 else sample(4:12, 1)
  day <- rnorm(1, 0, 0.5)
  own <- rnorm(k) + day
  answer <- function(loading, lift) {
    latent <- loading * own + sqrt(1 - loading^2) * rnorm(k) + lift
    as.integer(pmin(5, pmax(1, round(3.7 + 0.9 * latent))))
  }
  data.frame(stratum, cluster = j, clusters_in_population = in_population[stratum], size = k, rows_in_population = k + sample(20:60, 1),
             group = sample(1:3, k, TRUE), domain = sample(1:3, k, TRUE, c(0.5, 0.3, 0.2)),
             item1 = answer(0.8, 0.3), item2 = answer(0.7, 0.1), item3 = answer(0.6, 0.4), item4 = answer(0.7, -0.2),
             item5 = answer(0.5, 0.2), item6 = answer(0.65, 0.0), overall = answer(0.85, 0.3))
}))
rows$item2[sample(nrow(rows), 12)] <- NA
rows$item4[sample(nrow(rows), 90)] <- NA
rows$item5[sample(nrow(rows), 25)] <- NA
rows$overall[sample(nrow(rows), 8)] <- NA
write.csv(rows, file.path(arguments[2], "composites_rows.csv"), row.names = FALSE, na = "", eol = "\n", quote = FALSE)
