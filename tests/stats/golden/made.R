# Writes made.csv, a survey that never took place: Rscript made.R <input folder> <output folder>   (R 4.2.2)
# 8 units x 3 sectors, three of the 24 strata with one counter-day only, one of them a census; clusters are counter-days;
# twelve items 1-5 with missing answers; channels, months, a group for raking. N: counter-days of the stratum; dossiers: N_h.
set.seed(20261122, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
out <- commandArgs(TRUE)[2]
cluster <- 0
rows <- NULL
for (unit in 1:8) for (sector in 1:3) {
  days <- if (unit == 3 && sector == 2 || unit == 5 && sector == 3 || unit == 7 && sector == 1) 1 else sample(5:14, 1)
  N <- if (unit == 7 && sector == 1) 1 else if (days == 1) 9 else days + sample(2:60, 1)
  mood <- rnorm(1, 1.1, 0.5)
  size <- sample(200:4000, 1)
  for (day in seq_len(days)) {
    cluster <- cluster + 1
    n <- sample(1:12, 1)
    m <- rnorm(n, mood + rnorm(1, 0, 0.5), 0.9)
    answer <- function() pmin(5, pmax(1, round(3 + m + rnorm(n, 0, 0.7))))
    items <- sapply(1:12, function(k) {
      a <- answer()
      a[runif(n) < c(0.02, 0.05, 0.4)[k %% 3 + 1]] <- NA
      a
    })
    items <- matrix(items, n, 12, dimnames = list(NULL, paste0("q", 1:12)))
    rows <- rbind(rows, data.frame(unit, sector, stratum = 3 * (unit - 1) + sector - 1, cluster = cluster - 1, N,
      held = n + sample(0:15, 1), dossiers = size, month = (day - 1) %% 4 + 1, channel = sample(c("V", "S", "P"), n, TRUE, c(.5, .3, .2)),
      age = sample(1:4, n, TRUE), minutes = round(rexp(n, 1 / 20), 1), trips = 1 + rpois(n, 0.6), items))
  }
}
rows$w <- round(rows$dossiers / ave(rows$q1, rows$stratum, FUN = length) * runif(nrow(rows), 0.6, 1.6), 3)
write.csv(rows, file.path(out, "made.csv"), row.names = FALSE, na = "", quote = FALSE)
