# Rscript filing.R <input folder> <output folder>: filing_rows.csv and filing_frame.csv (four invented strata), filing.json (R 4.2.2, survey 4.1-1).
# Strata of the design are month cells; weights are raked to month cells and filing cells inside each stratum.
library(survey); library(MASS)
options(survey.lonely.psu = "adjust", digits = 17)
set.seed(20261122)
out <- commandArgs(TRUE)[2]
filings <- c("counter", "assisted", "online", "post")
likely <- list(c(.4, .2, .25, .15), c(.65, .03, .3, .02), c(.5, .15, .25, .1), c(.45, .2, .35, 0))
rows <- do.call(rbind, lapply(1:4, function(s) do.call(rbind, lapply(1:3, function(m) {
  clusters <- if (s == 2 && m == 1) 1 else 6 + s
  do.call(rbind, lapply(seq_len(clusters), function(j) {
    k <- sample(2:6, 1)
    p <- pmin(pmax(0.8 + rnorm(1, 0, 0.1), 0.3), 0.97)
    filing <- sample(1:4, k, TRUE, likely[[s]])
    level <- function(shift) ifelse(runif(k) < p + shift * (filing >= 3), sample(4:5, k, TRUE), sample(1:3, k, TRUE))
    data.frame(stratum = s, month = m, cluster = 1000 * s + 100 * m + j, filing = filings[filing],
               HL = level(-0.15) * rbinom(k, 1, 0.95), TC1 = level(-0.1) * rbinom(k, 1, 0.9), TC2 = level(0.05) * rbinom(k, 1, 0.8))
  }))
}))))
rows$filing[which(rows$stratum == 3)[5]] <- "left_blank"
frame <- expand.grid(stratum = 1:4, month = 1:3, filing = filings, stringsAsFactors = FALSE)
frame$settled <- round(mapply(function(s, f) likely[[s]][match(f, filings)], frame$stratum, frame$filing) * runif(nrow(frame), 250, 600))
frame <- frame[!(frame$stratum == 4 & frame$month == 1), ]
frame <- rbind(frame, data.frame(stratum = 4, month = 1, filing = "all", settled = 333))
write.csv(rows, file.path(out, "filing_rows.csv"), row.names = FALSE, quote = FALSE)
write.csv(frame, file.path(out, "filing_frame.csv"), row.names = FALSE, quote = FALSE)

# The cells that the rules give: stratum 2 has one cluster in its first month, and few who were helped or used the post.
filing_cell <- function(s, f) switch(s, match(f, filings), c(1, 1, 2, 2)[match(f, filings)], 1L, match(f, filings))
rows$kind <- mapply(filing_cell, rows$stratum, rows$filing)
N <- tapply(frame$settled, frame$stratum, sum)
rows$base <- as.numeric(N[rows$stratum] / table(rows$stratum)[rows$stratum])

# One recipe: columns and totals of both margins, and the factor of each stratum's variance.
calibrated <- function(month_cell) {
  rows$cell <- mapply(month_cell, rows$stratum, rows$month)
  x <- list(); total <- c(); factor <- c()
  for (s in 1:4) {
    here <- frame[frame$stratum == s, ]
    of <- here[here$filing != "all", ]
    mine <- rows[rows$stratum == s, ]
    # A stratum without a margin keeps its base weights, and its totals are not residuals.
    for (c in if (length(unique(paste(mine$cell, mine$kind))) > 1) unique(mine$cell)) {
      x[[length(x) + 1]] <- as.numeric(rows$stratum == s & rows$cell == c)
      total <- c(total, sum(here$settled[sapply(here$month, month_cell, s = s) == c]))
    }
    kinds <- sapply(of$filing, filing_cell, s = s)
    for (k in setdiff(sort(unique(rows$kind[rows$stratum == s])), 1)) {
      x[[length(x) + 1]] <- as.numeric(rows$stratum == s & rows$kind == k)
      total <- c(total, sum(of$settled[kinds == k]) * sum(here$settled) / sum(of$settled))  # stratum 4: the frame tells two months
    }
    free <- length(unique(mine$cluster)) - length(unique(mine$cell))
    factor <- c(factor, free / (free - length(unique(mine$kind)) + 1))
  }
  x <- do.call(cbind, x); colnames(x) <- names(total) <- paste0("x", seq_len(ncol(x)))
  rows <- cbind(rows, x)
  rows$layer <- 10 * rows$stratum + rows$cell
  design <- svydesign(ids = ~cluster, strata = ~layer, weights = ~base, data = rows, nest = TRUE)
  design <- calibrate(design, as.formula(paste("~ -1 +", paste(colnames(x), collapse = " + "))), total,
                      calfun = "raking", epsilon = 1e-13, maxit = 500)
  stopifnot(max(abs(colSums(weights(design) * x) / total - 1)) < 1e-11)
  list(design = design, factor = factor)
}

shares <- list(overall = list(rows$HL >= 4, rows$HL > 0), mean = list(rows$HL, rows$HL > 0),
               pooled = list((rows$TC1 >= 4) + (rows$TC2 >= 4), (rows$TC1 > 0) + (rows$TC2 > 0)),
               all = list((rows$HL == 0 | rows$HL >= 4) & (rows$TC1 == 0 | rows$TC1 >= 4) & (rows$TC2 == 0 | rows$TC2 >= 4) &
                            rows$HL + rows$TC1 + rows$TC2 > 0, rows$HL + rows$TC1 + rows$TC2 > 0))
domains <- list(whole = rep(TRUE, nrow(rows)), month2 = rows$month == 2)
for (s in 1:4) domains[[paste0("s", s)]] <- rows$stratum == s
domains$s2m2 <- rows$stratum == 2 & rows$month == 2
domains$s4m3 <- rows$stratum == 4 & rows$month == 3

# Value, standard error, R's own standard error without the factor, and Kish's n, of every measure in every domain.
figures <- function(made) {
  design <- made$design; w <- weights(design); out <- list()
  told <- function(value, z, member) {
    mine <- sapply(1:4, function(s) made$factor[s] * as.numeric(vcov(svytotal(z * (rows$stratum == s), design))))
    c(value, sqrt(sum(mine)), sqrt(as.numeric(vcov(svytotal(z, design)))), sum(w * member)^2 / sum(w^2 * member))
  }
  for (d in names(domains)) {
    inside <- as.numeric(domains[[d]])
    for (what in names(shares)) {
      y <- shares[[what]][[1]] * inside; below <- shares[[what]][[2]] * inside
      value <- sum(w * y) / sum(w * below)
      out[[paste(d, what)]] <- told(value, (y - value * below) / sum(w * below), as.numeric(below > 0))
      stopifnot(abs(out[[paste(d, what)]][3] / SE(svyratio(~y, ~below, design)) - 1) < 1e-9)
    }
    parts <- lapply(c("TC1", "TC2"), function(i) list(y = (rows[[i]] >= 4) * inside, x = (rows[[i]] > 0) * inside))
    r <- sapply(parts, function(p) sum(w * p$y) / sum(w * p$x))
    z <- rowSums(sapply(1:2, function(k) 0.5 * (parts[[k]]$y - r[k] * parts[[k]]$x) / sum(w * parts[[k]]$x)))
    out[[paste(d, "factor")]] <- told(mean(r), z, as.numeric(parts[[1]]$x + parts[[2]]$x > 0))
  }
  out
}
recipes <- list("month filing" = function(s, m) if (s == 2) c(1, 1, 2)[m] else m, "filing" = function(s, m) 1)
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
told <- lapply(recipes, function(recipe) figures(calibrated(recipe)))
lines <- sapply(names(told), function(name) paste0('"', name, '": {\n', paste0(
  '"', names(told[[name]]), '": ', sapply(told[[name]], number), collapse = ",\n"), "}"))
writeLines(paste0("{", paste(lines, collapse = ",\n"), "}"), file.path(out, "filing.json"))
