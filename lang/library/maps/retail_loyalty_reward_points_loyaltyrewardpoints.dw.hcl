# Reward points of loyalty programmes.

map "retail_loyalty_reward_points_loyaltyrewardpoints" {
  fno       = "RetailLoyaltyRewardPoints"
  dataverse = "msdyn_loyaltyrewardpoints"
  key       = ["RewardPointId"]

  fields "both" {
    RewardPointId = "msdyn_rewardpointid"

    ExpirationTimeValue        = "msdyn_expirationtimevalue"
    Redeemable                 = "msdyn_redeemable"
    RedeemRanking              = "msdyn_redeemranking"
    MaximumLoyaltyRewardPoints = "msdyn_maximumloyaltyrewardpoints"
    VestingTimeValue           = "msdyn_vestingtimevalue"

    RewardPointCurrency = "msdyn_rewardpointcurrency.isocurrencycode"
  }

  field "msdyn_expirationtimeunit" {
    fno    = "ExpirationTimeUnit"
    values = { Day = 806380000, Month = 806380001, Year = 806380002 }
  }

  field "msdyn_rewardpointtype" {
    fno    = "RewardPointType"
    values = { Quantity = 192350000, Amount = 192350001 }
  }

  field "msdyn_vestingtimeunit" {
    fno    = "VestingTimeUnit"
    values = { Day = 806380000, Month = 806380001, Year = 806380002 }
  }
}
